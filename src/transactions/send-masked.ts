import type { Context } from '#context.ts'
import type { Erased } from '#tombstones/erased.ts'
import { knownErased, loadErased } from '#tombstones/load-erased.ts'
import type { PageWritten } from '#transactions/page-statement.ts'

/** Sends a page, and again while it is answered that there are erased customers it does not leave out. */
export async function sendMasked<Rest extends readonly unknown[]>(
  context: Context,
  integrationId: string,
  send: (erased: Erased) => Promise<readonly [PageWritten | null, ...Rest]>,
): Promise<readonly [PageWritten | null, ...Rest]> {
  for (let erased = knownErased(integrationId); ;) {
    const sent = await send(erased)
    const erasures = sent[0]?.erasures
    if (erasures === undefined) return sent
    erased = await loadErased(context, integrationId, erasures)
  }
}
