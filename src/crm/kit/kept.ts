import type { Session } from '#crm/contract.ts'

/** Names and zones of an account hardly ever change, and a call for them in each sync would be a third of its calls. */
const KEPT_MS = 86_400_000

/** What an account says of itself, as the cursor keeps it. A change of settings removes the cursor. */
export type Kept<T> = T & { readonly readAt: string }

/** Read anew after a day, when a person asks, and by new rules of the mapping. */
export async function keptForDay<T extends object>(
  { clock, isManual, mapsAnew }: Pick<Session<unknown>, 'clock' | 'isManual' | 'mapsAnew'>,
  known: Kept<T> | null,
  read: () => Promise<T>,
): Promise<Kept<T>> {
  const now = clock.now()
  const isKept = known !== null && !isManual && !mapsAnew && now.getTime() - Date.parse(known.readAt) < KEPT_MS
  return isKept ? known : { ...(await read()), readAt: now.toISOString() }
}
