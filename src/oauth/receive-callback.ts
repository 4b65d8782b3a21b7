// A browser comes back from the CRM's consent page. Nothing is connected here: whoever was sent the link may have given
// consent, so the code is parked, and this browser alone gets the ticket with which the business's own session goes on.
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery } from '#crm/oauth.ts'
import { type Flow, flowOf, flowsOf } from '#oauth/start-consent.ts'
import { type ConsentState, findState, parkCode, type Parked, ticketOf } from '#oauth/states.ts'

/** Each is a page of its own. */
export type CallbackRefusal =
  | 'not_configured'
  | 'widget'
  | 'state_missing'
  | 'state_unknown'
  | 'state_used'
  | 'state_expired'
  | 'denied'
  | 'forged'

export interface CallbackOutcome {
  readonly result: { readonly ticket: string } | { readonly refusal: CallbackRefusal }
  /** Where the flow was begun; null: nowhere that is known. */
  readonly returnUrl: string | null
}

export interface Callback {
  readonly crmType: CrmType
  readonly query: CallbackQuery
}

/** The same callback again has the same outcome: people reload pages. */
export async function receiveCallback(context: Context, { crmType, query }: Callback): Promise<CallbackOutcome> {
  const [usual] = flowsOf(context, crmType)
  if (!usual) return refuse('not_configured')
  const { isWidget, state: name } = read(context, usual, query)
  if (isWidget) return refuse('widget')
  if (name === null) return refuse('state_missing')
  const state = await findState(context, name)
  if (!state) return refuse('state_unknown')
  const { returnUrl, brand } = state
  const flow = flowOf(context, crmType, brand)
  if (!flow) return refuse('not_configured', returnUrl)
  const callback = read(context, flow, query)
  if (state.isExpired && !state.parked) return refuse('state_expired', returnUrl)
  if (callback.isDenied) return refuse('denied', returnUrl)
  const { apiUrl, code } = callback
  if (apiUrl === null || code === null) return refuse('forged', returnUrl)
  const ticket = await ticketFor(context, name, state, { crmType, apiUrl, code })
  if (ticket === null) return refuse('state_used', returnUrl)
  context.log.info('consent_parked', { businessId: state.businessId, crmType })
  return { result: { ticket }, returnUrl }
}

function read({ config }: Context, { oauth, app }: Flow, query: CallbackQuery) {
  return oauth.readCallback(app, query, config.egressAllowOrigins)
}

async function ticketFor(context: Context, state: string, found: ConsentState, parked: Parked): Promise<string | null> {
  const made = found.parked ? null : await parkCode(context, found, parked)
  if (made !== null) return made
  const now = found.parked ? found : await findState(context, state)
  return now && ticketOf(context, now, parked)
}

function refuse(refusal: CallbackRefusal, returnUrl: string | null = null): CallbackOutcome {
  return { result: { refusal }, returnUrl }
}
