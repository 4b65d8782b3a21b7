// What YCLIENTS' own refusals look like: its envelope with `success: false` and a message, whatever the status. HTML,
// the JSON of a proxy or an empty body say nothing about tokens, rights or records: they are an outage and are tried
// again. Only this file reads the vendor's messages, since one status has several meanings.
import { bodyOf } from '#crm/kit/refusals.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import { Envelope, Refusal } from '#crm/yclients/schema.ts'

/** Statuses with which the vendor refuses; egress handles the others. */
export const READABLE = [400, 401, 402, 403, 404, 409, 422]

/** The envelope of an answer that is not a refusal. Throws CrmError. */
export function unwrap(response: HttpResponse, area: string): Envelope {
  const { status } = response
  const body = bodyOf(response)
  const refused = Refusal.safeParse(body).data
  if (refused) throw refusal(status >= 400 ? status : null, refused.meta.message, area)
  const envelope = status >= 400 ? undefined : Envelope.safeParse(body).data
  if (envelope) return envelope
  throw new CrmError('unavailable', { reason: body === null ? 'not_json' : 'not_envelope', params: { area }, status })
}

/** Whether a refusal concerns one branch: another branch of the same user may work. */
export function isOfBranch({ kind, reason }: CrmError): boolean {
  return kind === 'forbidden' || (kind === 'not_found' && reason === 'company_missing')
}

/** Whether the vendor says that the one object that was requested does not exist. */
export function isObjectMissing({ kind, reason }: CrmError): boolean {
  return kind === 'not_found' && reason !== 'company_missing'
}

/** `status` null: an answer with status 200 that reports a failure. */
function refusal(status: number | null, message: string, area: string): CrmError {
  const details = { params: { area }, ...(status !== null && { status }) }
  if (status === 402 || /лиценз|licen[cs]e/i.test(message))
    return new CrmError('forbidden', { reason: 'licence_ended', ...details })
  if (status === 401 || (status === null && /токен|token|авториз|authoriz|authenticat/i.test(message))) {
    return new CrmError('auth', { reason: 'token_rejected', ...details })
  }
  if (status === 403 || (status === null && /прав|доступ|permission|access/i.test(message))) {
    return new CrmError('forbidden', { reason: 'right_missing', ...details })
  }
  if (status === 404 || (status === null && /не найден|not found/i.test(message))) {
    const isCompany = /филиал|company|location/i.test(message) || area === 'company'
    return new CrmError('not_found', { ...(isCompany && { reason: 'company_missing' }), ...details })
  }
  return new CrmError('rejected', details)
}
