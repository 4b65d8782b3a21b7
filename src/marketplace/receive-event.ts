// The vendor's own calls about an install: it was removed, or frozen. A call may come late or twice, so what it says of
// a removal is only a reason to ask.
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { changeStatement, findInstalls, type Install } from '#marketplace/installs.ts'
import { stopStatements } from '#marketplace/integration.ts'
import { recheck } from '#marketplace/steps.ts'
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
  else await recheck(context, install)
}

/** The branch waits until the vendor's licence is paid; there is no event for that, so its state is asked for. */
async function freeze(context: Context, install: Install, vendor: Vendor): Promise<void> {
  if (install.state !== 'checked' && install.state !== 'active') return
  const stop = await stopStatements(context, install, vendor, 'freeze')
  const frozen = changeStatement(context, install, { state: 'frozen', seconds: FIRST_LOOK_SECONDS })
  // The integration is locked before its installs, as its removal does.
  await context.db.batch([...stop, context.db.execute(frozen)])
}
