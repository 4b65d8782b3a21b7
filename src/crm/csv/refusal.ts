// What the host of a file itself says when it refuses: a 401 that asks for a password and carries no page, or the XML
// error that S3 and the stores like it document. Anything else with such a status may come from a proxy, or from a site
// under maintenance, so it is an outage and is tried again.
import type { FileRefusal } from '#crm/files.ts'
import { CrmError } from '#lib/crm-error.ts'

const PAGE = /^[\s\uFEFF]{0,99}[<{[]/
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const STORE_ERROR = /^\uFEFF?\s{0,9}(?:<\?xml[^>]{0,200}\?>\s{0,9})?<Error>\s{0,9}<Code>(\w{1,60})<\/Code>/

export function refusal({ status, headers, text }: FileRefusal): CrmError {
  const about = { status, params: { status: String(status) } }
  const code = STORE_ERROR.exec(text)?.[1]
  const isChallenge = status === 401 && headers.has('www-authenticate') && !PAGE.test(text)
  if (isChallenge) return new CrmError('auth', { reason: 'password_asked', ...about })
  if (code !== undefined && status === 403) return new CrmError('forbidden', { reason: 'address_refuses', ...about })
  const reason = status === 404 || status === 410 ? 'file_missing' : 'address_refuses'
  return new CrmError('unavailable', { reason, ...about })
}
