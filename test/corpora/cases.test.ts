// Small files after real exports that are easily read wrongly, and what each may lead to.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Facts } from './facts.ts'
import { holds, shown, travel } from './outcomes.ts'

const FOLDER = new URL('../fixtures/csv/', import.meta.url)

const Allowed = z.union([
  z.strictObject({ stored: Facts }),
  /** One of these questions first; each of `reaches` by some answers. */
  z.strictObject({ doubts: z.array(z.string()), reaches: z.array(Facts) }),
  z.strictObject({ refused: z.strictObject({ has: z.array(z.string()), hasNot: z.array(z.string()) }) }),
])

const Cases = z.record(
  z.string(),
  z.strictObject({
    /** Uploaded one after the other. */
    files: z.array(z.string()).min(1),
    currency: z.string(),
    timezone: z.string(),
    config: z.record(z.string(), z.unknown()).default({}),
    allowed: z.array(Allowed).min(1),
  }),
)

const cases = Cases.parse(JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8')))

/** Control characters, and what an unknown one is shown as. */
// oxlint-disable-next-line no-control-regex -- they are what must not be shown
const GARBAGE = /[\0-\u0008\u000e-\u001f\ufffd]/

function isAllowed({ first, endings }: Awaited<ReturnType<typeof travel>>, allowed: z.infer<typeof Allowed>): boolean {
  if ('stored' in allowed) return holds(first, allowed.stored)
  if ('refused' in allowed) {
    if (first.type !== 'refused') return false
    const texts = Object.values(first.text).join('\n')
    const { has, hasNot } = allowed.refused
    return has.every((word) => texts.includes(word)) && !hasNot.some((word) => texts.includes(word))
  }
  return (
    first.type === 'asked' &&
    first.doubts.every(({ code }) => allowed.doubts.includes(code)) &&
    allowed.reaches.every((facts) => endings.some(({ outcome }) => holds(outcome, facts)))
  )
}

describe('a file of a kind that is easily read wrongly', () => {
  it.each(Object.entries(cases))('%s', async (_, { files, allowed, ...business }) => {
    const journey = await travel(
      files.map((file) => readFileSync(new URL(file, FOLDER))),
      business,
    )
    expect(
      allowed.some((one) => isAllowed(journey, one)),
      shown(journey.first),
    ).toBe(true)
    expect(journey.broken).toEqual([])
    expect(shown(journey.first)).not.toMatch(GARBAGE)
  })
})
