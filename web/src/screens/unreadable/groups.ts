import type { components } from '#client/schema.ts'

export type UnreadableRecord = components['schemas']['QuarantinedRecord']

export interface ReasonGroup {
  readonly reason: string
  readonly count: number
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly examples: readonly UnreadableRecord[]
}

const EXAMPLES = 3

/** The most frequent reason first; the examples are those that were seen last. */
export function groupByReason(records: readonly UnreadableRecord[]): readonly ReasonGroup[] {
  const byReason = Map.groupBy(records, ({ reason }) => reason)
  return [...byReason]
    .map(([reason, found]) => ({
      reason,
      count: found.length,
      firstSeenAt: found.map(({ firstSeenAt }) => firstSeenAt).toSorted()[0] ?? '',
      lastSeenAt:
        found
          .map(({ lastSeenAt }) => lastSeenAt)
          .toSorted()
          .at(-1) ?? '',
      examples: found.toSorted((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt)).slice(0, EXAMPLES),
    }))
    .toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason))
}
