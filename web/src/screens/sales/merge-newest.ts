import type { components } from '#client/schema.ts'

type Transaction = components['schemas']['Transaction']

/**
 * The list with its first page as it is now: what is new stands on top, what changed is replaced, and what no longer
 * fits the filter is gone. Both are newest first; `isAll`: no page follows the first one.
 */
export function mergeNewest(
  loaded: readonly Transaction[],
  first: readonly Transaction[],
  isAll: boolean,
): readonly Transaction[] {
  const last = first.at(-1)
  if (isAll || !last) return first
  const ids = new Set(first.map(({ id }) => id))
  const older = ({ id, occurredAt }: Transaction) =>
    !ids.has(id) && (occurredAt < last.occurredAt || (occurredAt === last.occurredAt && id < last.id))
  return [...first, ...loaded.filter(older)]
}
