import type { Context } from '#context.ts'
import { mintTicket } from '#marketplace/tickets.ts'
import { vendorOf } from '#marketplace/vendor.ts'

/** Each is a page of its own. */
export type ArrivalRefusal = 'not_configured' | 'no_branch' | 'wrong_signature' | 'too_many'

/** As many as an integration may have. */
const BRANCHES_MAX = 200

/** A browser comes from the vendor's page. Nothing is stored, and nothing is connected yet. */
export async function startInstall(
  context: Context,
  brand: string,
  search: URLSearchParams,
): Promise<{ readonly ticket: string } | { readonly refusal: ArrivalRefusal }> {
  const vendor = vendorOf(context, brand)
  if (!vendor) return { refusal: 'not_configured' }
  const arrival = await vendor.marketplace.readArrival(vendor.app, search)
  if (typeof arrival === 'string') return { refusal: arrival }
  if (arrival.branchIds.length > BRANCHES_MAX) return { refusal: 'too_many' }
  return { ticket: await mintTicket(context, { brand, ...arrival }) }
}
