// The vendor's own calls about an install: it was removed, or frozen.
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { HELD } from '#connections/marketplace.ts'
import { changeStatement, findInstalls, type Install } from '#marketplace/installs.ts'
import { hasOthers, stopStatements } from '#marketplace/integration.ts'
import { advance } from '#marketplace/steps.ts'
import { type Vendor, vendorOf } from '#marketplace/vendor.ts'

/** When the state of a frozen branch is asked for the first time. */
const FIRST_LOOK_SECONDS = 60 * 60

/** Throws Problem: `misconfigured`, `unauthenticated` when it is not the vendor's. */
export async function receiveEvent(context: Context, brand: string, body: unknown): Promise<void> {
  const vendor = vendorOf(context, brand)
  if (!vendor) throw new Problem('misconfigured')
  const event = await vendor.marketplace.readEvent(vendor.app, body)
  if (event === 'forged') {
    throw new Problem('unauthenticated', {
      detail: { en: 'The token is not the marketplace’s.', ru: 'Токен не принадлежит маркетплейсу.' },
      // RFC 9110, 11.6.1: a 401 names how to authenticate.
      headers: { 'www-authenticate': 'Token' },
    })
  }
  if (!event) return
  const [install] = await findInstalls(context, brand, [event.branchId])
  context.log.info('marketplace_event', { brand, event: event.event, installId: install?.id, state: install?.state })
  if (!install) return
  if (event.event === 'freeze') await freeze(context, install, vendor)
  else await end(context, install, vendor)
}

/**
 * The vendor has removed the app from the branch. Its sales stay; the branch leaves the integration, and the last one
 * stops it.
 */
export async function end(context: Context, install: Install, vendor: Vendor): Promise<void> {
  const uninstalled = context.db.execute(
    changeStatement(context, install, { state: 'uninstalled', seconds: 0, error: null }),
  )
  if (!HELD.includes(install.state)) {
    // What we were about to remove is gone.
    if (install.state === 'leaving') await uninstalled
    return
  }
  const isLast = !(await hasOthers(context, install, vendor))
  const { stop, issue } = stopStatements(context, install, 'uninstall')
  // The integration is locked before its installs, as its removal does.
  await context.db.batch([issue, ...(isLast ? stop : []), uninstalled])
  const [after] = await findInstalls(context, install.brand, [install.branchId])
  if (after?.state === 'uninstalled') await advance(context, after)
}

/** The branch waits until the vendor's licence is paid; there is no event for that, so its state is asked for. */
async function freeze(context: Context, install: Install, vendor: Vendor): Promise<void> {
  if (install.state !== 'checked' && install.state !== 'active') return
  const isLast = !(await hasOthers(context, install, vendor))
  const { stop, issue } = stopStatements(context, install, 'freeze')
  const frozen = changeStatement(context, install, { state: 'frozen', seconds: FIRST_LOOK_SECONDS })
  await context.db.batch([issue, ...(isLast ? stop : []), context.db.execute(frozen)])
}
