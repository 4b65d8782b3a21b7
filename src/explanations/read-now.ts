// What the CRM says of one record now: read by the connector's own `fetchOne`, with the session, the budget and the
// limits of any other call.
import { openSession, type SessionRow } from '#connections/session.ts'
import { storedTokenCache } from '#connections/token-cache.ts'
import type { Context } from '#context.ts'
import type { Hint, LocalizedText, MappedRecord, NoRecord } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { CrmError } from '#lib/crm-error.ts'
import { withTimeout } from '#lib/with-timeout.ts'

/** A person waits for it, and so does the client before it gives up. */
const READ_MS = 25_000
/** An answer that is too large is asked for in parts, as in connection tests. */
const TOO_LARGE_MAX = 4

/** `failed`: why the CRM could not be read. */
export type ReadNow =
  | MappedRecord
  | NoRecord
  | { readonly type: 'failed'; readonly detail: LocalizedText }
  | { readonly type: 'not_asked' }

interface ReadRow extends SessionRow {
  readonly settingsEpoch: number
}

/** Throws nothing for a failure of the CRM. */
export async function readNow(context: Context, row: ReadRow, hint: Hint): Promise<ReadNow> {
  const connector = connectorOf(row.crmType)
  if (!connector.fetchOne) return { type: 'not_asked' }
  const read = async (): Promise<ReadNow> => {
    const tokenCache = storedTokenCache(context, row)
    const session = await openSession(context, row, { tokenCache, tooLargeMax: TOO_LARGE_MAX, lane: 'people' })
    return connector.fetchOne?.(session, hint) ?? { type: 'not_asked' }
  }
  try {
    const found = await withTimeout(read(), READ_MS)
    if (found === 'late') throw new CrmError('unavailable', { reason: 'timeout' })
    return found
  } catch (error) {
    const crmError = error instanceof CrmError ? error : new CrmError('internal', { cause: error })
    if (crmError !== error) context.log.error('explanation_crashed', { integrationId: row.id, error })
    return { type: 'failed', detail: describeError(crmError, connector.messages) }
  }
}
