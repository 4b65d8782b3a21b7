// What amoCRM's own refusals look like: JSON in the form of RFC 9457 with the vendor's `type`, or one of its own codes.
// All else with a status of 400 or above (a page, a proxy's JSON, an empty body) says nothing about tokens, rights or
// objects: it is an outage and is tried again. Texts are in the account's language and are not read.
import * as z from 'zod'
import { CLIENT_ERRORS, jsonOrNull } from '#crm/kit/refusals.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'

export const USER_AGENT = 'crm-integrations'

/** Statuses that are judged here. The pause after a 429 and outages are the same for every vendor. */
export const READABLE = CLIENT_ERRORS

/** With status 400: the object does not exist; what was requested is switched off in the account. */
const NOT_FOUND = 226
const SWITCHED_OFF = 426

const VENDOR_TYPE = /^https?:\/\/(?:httpstatus\.es|developers\.(?:amocrm|kommo)\.(?:ru|com))\//

const Refusal = z
  .object({
    title: z.string().min(1).optional(),
    type: z.string().regex(VENDOR_TYPE).optional(),
    status: z.int().optional(),
    code: z.coerce.number().optional().catch(undefined),
    hint: z.string().nullish(),
    'validation-errors': z.array(z.unknown()).optional(),
  })
  .refine(
    ({ type, code, 'validation-errors': errors }) =>
      type !== undefined || errors !== undefined || code === NOT_FOUND || code === SWITCHED_OFF,
  )
type Refusal = z.infer<typeof Refusal>

/**
 * Without a type nothing says whose word it is, and any server may send a title. This form, with no other member, is
 * taken for amoCRM's when it refuses, but not when it says that an object is gone.
 */
const Untyped = z.strictObject({ title: z.string().min(1), detail: z.string().min(1), status: z.int().optional() })
const UNTYPED_STATUSES = new Set([401, 402, 403])
const Unpaid = z.strictObject({ title: z.literal('Payment Required') })

/** The vendor's own refusal; null for what somebody else may have sent. */
export function ownRefusal({ status, ...response }: HttpResponse): Refusal | null {
  const body = jsonOrNull(response)
  const refusal: Refusal | undefined =
    Refusal.safeParse(body).data ??
    (UNTYPED_STATUSES.has(status) ? Untyped.safeParse(body).data : undefined) ??
    (status === 402 ? Unpaid.safeParse(body).data : undefined)
  return refusal && (refusal.status ?? status) === status ? refusal : null
}

/** Nothing was found: for lists and for single objects. */
export function isNothing(response: HttpResponse): boolean {
  return response.status === 204 || (response.status === 400 && ownRefusal(response)?.code === NOT_FOUND)
}

/** The meaning of an answer with status 400 or above. `brand` and `area` are for the texts. */
export function refusalOf(response: HttpResponse, params: { readonly area: string; readonly brand: string }): CrmError {
  const { status } = response
  const details = { params, status }
  const refusal = ownRefusal(response)
  if (refusal === null) return outageOf(response, details)
  switch (status) {
    case 400:
      return badRequest(refusal, details)
    case 401:
      return new CrmError('auth', { reason: 'token_rejected', ...details })
    case 402:
      // Accounts that are paid for answer so for some minutes at night.
      return new CrmError('forbidden', { reason: 'subscription_ended', mayPass: true, ...details })
    case 403:
      return new CrmError('forbidden', { reason: 'right_missing', ...details })
    case 404:
      return new CrmError('not_found', { ...(params.area === 'account' && { reason: 'account_missing' }), ...details })
    default:
      return new CrmError('rejected', details)
  }
}

interface Details {
  readonly params: { readonly area: string; readonly brand: string }
  readonly status: number
}

function badRequest({ code, 'validation-errors': errors }: Refusal, details: Details): CrmError {
  if (code === SWITCHED_OFF) return new CrmError('rejected', { reason: 'switched_off', ...details })
  if (errors) return new CrmError('rejected', details)
  // "System error, try again": nothing is wrong with the request.
  return new CrmError('unavailable', { reason: 'server_error', ...details })
}

function outageOf(response: HttpResponse, details: Details): CrmError {
  const { status } = details
  // The front server's page: a block for too many requests, or an outage of minutes.
  if (status === 403 && /<center>\s{0,9}nginx/i.test(response.text.slice(0, PAGE_CHARS_MAX))) {
    return new CrmError('forbidden', { reason: 'blocked', mayPass: true, ...details })
  }
  // An address without an account is answered by a page, and so is much else.
  if (status === 404 && details.params.area === 'account') {
    return new CrmError('unavailable', { reason: 'account_missing', ...details })
  }
  return new CrmError('unavailable', {
    reason: jsonOrNull(response) === null ? 'not_json' : 'unexpected_shape',
    ...details,
  })
}

/** The front server's pages have some 150 characters. */
const PAGE_CHARS_MAX = 2000

/** A list that the vendor itself does not give; other lists may be read without it. */
export function isRefusedList(error: unknown): error is CrmError {
  if (!(error instanceof CrmError) || error.reason === 'blocked') return false
  if (error.kind === 'rejected') return error.status !== null || isOff(error)
  return error.kind === 'forbidden' || (error.kind === 'not_found' && error.reason === null)
}

/** The account does not use this at all. */
export function isOff({ reason }: CrmError): boolean {
  return reason === 'switched_off' || reason === 'customers_off' || reason === 'no_invoices'
}
