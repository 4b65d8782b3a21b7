import { describe, expect, it } from 'vitest'
import { groupByReason, type UnreadableRecord } from '#web/screens/unreadable/groups.ts'

const record = (id: string, reason: string, seen: string): UnreadableRecord => ({
  ...{ id, externalId: id, reason, raw: null, runId: null, times: 1 },
  ...{ firstSeenAt: `2026-11-0${seen}T00:00:00Z`, lastSeenAt: `2026-11-1${seen}T00:00:00Z` },
})

describe('unreadable records', () => {
  it('are grouped by reason, the most frequent first, with the last seen as examples', () => {
    const records = [
      record('a', 'amount: not a number', '1'),
      record('b', 'date: missing', '2'),
      record('c', 'date: missing', '5'),
      record('d', 'date: missing', '3'),
      record('e', 'date: missing', '4'),
    ]
    expect(groupByReason(records)).toMatchObject([
      {
        reason: 'date: missing',
        count: 4,
        firstSeenAt: '2026-11-02T00:00:00Z',
        lastSeenAt: '2026-11-15T00:00:00Z',
        examples: [{ id: 'c' }, { id: 'e' }, { id: 'd' }],
      },
      { reason: 'amount: not a number', count: 1 },
    ])
  })

  it('are nothing where there are none', () => {
    expect(groupByReason([])).toEqual([])
  })
})
