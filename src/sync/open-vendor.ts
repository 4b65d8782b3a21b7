import { openSession } from '#connections/session.ts'
import { storedTokenCache } from '#connections/token-cache.ts'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { Session } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import type { Lane } from '#lib/permits.ts'
import { renewLease } from '#sync/end-slice.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** A third of the lease, so that one lost renewal does not make a slow vendor look like a dead worker. */
const RENEW_MS = 20_000

export interface Vendor {
  readonly connector: Connector<unknown, unknown>
  readonly session: Session<unknown>
}

/** Opens the integration of a run for one slice of it. Throws CrmError. */
export async function openVendor(context: Context, run: TakenRun): Promise<Vendor> {
  const connector = connectorOf(run.integration.crmType)
  const tokenCache = storedTokenCache(context, run.integration, run.integration.sessionToken)
  const isManual = run.trigger === 'manual' || run.readsAll
  const options = { startedAt: run.startedAt, isManual, mapsAnew: run.readsAll, tokenCache, lane: laneOf(run) }
  return { connector, session: await openSession(context, run.integration, options) }
}

function laneOf({ trigger, isBulk, isNightly }: TakenRun): Lane {
  if (isBulk || isNightly) return 'bulk'
  return trigger === 'manual' ? 'people' : 'live'
}

/** Waits for what the vendor is asked and renews the lease meanwhile. */
export async function whileHeld<T extends object>(
  context: Context,
  run: TakenRun,
  work: Promise<T>,
): Promise<T | 'fenced'> {
  for (;;) {
    const first = await Promise.race([work, context.clock.sleep(RENEW_MS)])
    if (first !== undefined) return first
    if (!(await renewLease(context, run))) {
      // Nobody waits for it any more, so its rejection needs a handler.
      work.catch((error: unknown) => context.log.info('abandoned_page', { error }))
      return 'fenced'
    }
  }
}
