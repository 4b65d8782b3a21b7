// Finding 6: every regular expression of src, and why no text makes it slow. It is linear by its form, or its text has
// a length for which the square is nothing.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { isSafePattern } from 'redos-detector'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')

/** Of which text no more than so many characters meets the patterns of a file, and what cuts or refuses the rest. */
const BOUNDS: Readonly<Record<string, readonly [number, string]>> = {
  'api/app.ts': [100, 'paths of our own routes'],
  'api/validation.ts': [100, 'paths of our own routes'],
  'crm/1c/odata.ts': [500, 'apiUrl'],
  'crm/csv/dates.ts': [200, 'MATCHED_MAX'],
  'crm/csv/money.ts': [200, 'MATCHED_MAX'],
  'crm/csv/row-customer.ts': [254, 'MATCHED_MAX, MAIL_LENGTH_MAX'],
  'crm/csv/header-words.ts': [200, 'MATCHED_MAX'],
  'crm/csv/stored-doubts.ts': [250, 'ID_MAX and what stands behind it'],
  'crm/csv/titles.ts': [80, 'TITLE_LENGTH_MAX'],
  'crm/csv/totals.ts': [20, 'ALONE_LENGTH_MAX'],
  'crm/csv/words.ts': [200, 'MATCHED_MAX'],
  'crm/csv/money-headers.ts': [200, 'MATCHED_MAX'],
  'crm/csv/zones.ts': [200, 'MATCHED_MAX'],
  'crm/iiko/settings.ts': [500, 'server.url'],
  'crm/messages.ts': [1000, 'texts of our own'],
  'db/columns.ts': [40, 'times as PostgreSQL writes them'],
  'integrations/settings.ts': [500, 'apiUrl'],
  'integrations/webhook-token.ts': [43, 'tokens of our own'],
  'lib/decode-body.ts': [200, 'the content type'],
  'lib/form.ts': [400, 'NAME_MAX'],
  'lib/log.ts': [2000, 'TEXT_MAX'],
  'lib/phone.ts': [200, 'FIELD_LENGTH_MAX'],
  'lib/mask.ts': [100, 'TEXT_MAX'],
  'lib/xlsx/number-format.ts': [1000, 'FORMAT_CHARACTERS_MAX'],
}
/** The square is four million steps: some milliseconds. */
const BOUND_MAX = 2000

/** Made at run time, of words of our own; their texts are bounded as above, and they begin with ^ or are in log.ts. */
const BUILT = [
  ...['crm/amo_crm/brands.ts', 'crm/csv/money-headers.ts', 'crm/csv/rejected-file.ts', 'lib/csv-cell.ts', 'lib/log.ts'],
]

interface Pattern {
  readonly file: string
  readonly pattern: string
  readonly flags: string
}

function patternsOf(file: string, text: string): { readonly literals: Pattern[]; readonly built: number } {
  const literals: Pattern[] = []
  let built = 0
  new Visitor({
    Literal: (node) => {
      if ('regex' in node) literals.push({ file, pattern: node.regex.pattern, flags: node.regex.flags })
    },
    NewExpression: ({ callee }) => {
      if (callee.type === 'Identifier' && callee.name === 'RegExp') built += 1
    },
  }).visit(parseSync(file, text).program)
  return { literals, built }
}

/** Without a quantifier that has no end, and without one around another, an attempt takes a bounded number of steps. */
function isBounded(pattern: string): boolean {
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  return !/[*+]|\{\d+,\}|\)\{/.test(bare)
}

/** Where each text can match in few ways, the engine has little to go back to. */
function isUnambiguous({ pattern, flags }: Pattern): boolean {
  const isUnicode = /[uv]/.test(flags)
  // The library does not know both flags together; its texts are then compared as if case mattered.
  const { safe } = isSafePattern(pattern, {
    ...{ unicode: isUnicode, caseInsensitive: flags.includes('i') && !isUnicode },
    ...{ dotAll: flags.includes('s'), multiLine: flags.includes('m') },
    ...{ maxScore: 64, maxSteps: 20_000, timeout: Infinity },
  })
  return safe
}

const isLinear = (pattern: Pattern) => isBounded(pattern.pattern) || isUnambiguous(pattern)

const found = globSync('**/*.ts', { cwd: SRC }).map((file) => ({
  file,
  ...patternsOf(file, readFileSync(join(SRC, file), 'utf8')),
}))
const literals = found.flatMap((one) => one.literals)

describe('the regular expressions of src', () => {
  it('are found', () => expect(literals.length).toBeGreaterThan(200))

  it('are linear by their form, but for those whose texts are short', () => {
    const slow = literals.filter(({ file }) => !(file in BOUNDS)).filter((pattern) => !isLinear(pattern))
    expect(slow).toEqual([])
  })

  it('whose texts are short: each file of the table has some, and each bound is small', () => {
    for (const [file, [bound]] of Object.entries(BOUNDS)) {
      expect(bound, file).toBeLessThanOrEqual(BOUND_MAX)
      expect(
        literals.some((one) => one.file === file && !isBounded(one.pattern)),
        file,
      ).toBe(true)
    }
  })

  it('are made at run time in few places', () => {
    expect(found.flatMap(({ file, built }) => (built > 0 ? [file] : [])).toSorted()).toEqual(BUILT)
  })
})

it.each([
  [String.raw`<(?:\w+:)?code\b[^>]*>\s*(-?\d+)\s*<`, ''],
  [String.raw`^[^\s@]+@[^\s@]+\.[^\s@]+$`, ''],
  [String.raw`\([^)]*\)`, 'g'],
  [String.raw`[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+`, 'g'],
  [String.raw`(a+)+$`, ''],
  [String.raw`\/+$`, ''],
])('would be found: /%s/%s', (pattern, flags) => expect(isLinear({ file: '', pattern, flags })).toBe(false))
