import { expect, it } from 'vitest'
import { type Kept, keptForDay } from '#crm/kit/kept.ts'

const HOUR_MS = 3_600_000
const readAt = '2026-11-24T09:00:00.000Z'
const known: Kept<{ title: string }> = { title: 'Север', readAt }

async function readAfter(ms: number, session: { readonly isManual?: boolean; readonly mapsAnew?: boolean } = {}) {
  const now = new Date(Date.parse(readAt) + ms)
  const clock = { now: () => now, sleep: async () => undefined }
  const read = async () => ({ title: 'Юг' })
  const { title } = await keptForDay({ clock, isManual: false, mapsAnew: false, ...session }, known, read)
  return title === 'Юг'
}

it.each([
  ['a moment later', 0, {}, false],
  ['before a day is over', 24 * HOUR_MS - 1, {}, false],
  ['after a day', 24 * HOUR_MS, {}, true],
  ['when a person asks', HOUR_MS, { isManual: true }, true],
  ['by new rules of the mapping', HOUR_MS, { mapsAnew: true }, true],
])('what an account says of itself is read again %s: %s', async (_when, ms, session, isRead) => {
  expect(await readAfter(ms, session)).toBe(isRead)
})

it('names when it was read', async () => {
  const clock = { now: () => new Date(readAt), sleep: async () => undefined }
  const session = { clock, isManual: false, mapsAnew: false }
  expect(await keptForDay(session, null, async () => ({ title: 'Север' }))).toEqual(known)
})
