// What a module keeps lives as long as the isolate: no collection there grows without a bound.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')
/** An empty collection at the beginning of a line is one that is filled later. WeakMaps end with their keys. */
const GROWING = /^(?:export )?(?:const|let) \w+[^=\n]*= (?:new (?:Map|Set)\b(?:<.*>)?\(\)|\[\]|\{\})$/gm

const files = globSync('**/*.ts', { cwd: SRC }).map((name) => [name, readFileSync(join(SRC, name), 'utf8')] as const)

it('no module keeps a collection that grows, but a bounded cache', () => {
  const found = files.flatMap(([name, text]) => (text.match(GROWING) ?? []).map((line) => `${name}: ${line}`))
  expect(found).toEqual([])
})

it.each([
  'const offsets = new Map<string, Map<number, number>>()',
  'export const seen = new Set()',
  'let known: string[] = []',
])('would be found: %s', (line) => expect(line.match(GROWING)).toHaveLength(1))
