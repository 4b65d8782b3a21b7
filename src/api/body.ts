import { Problem } from '#lib/errors.ts'
import { readText } from '#lib/read-body.ts'

const JSON_BYTES_MAX = 1_000_000

/** The parsed JSON body; undefined when there is none. Throws Problem 413, 415 or `malformed_json`. */
export async function readJson(request: Request): Promise<unknown> {
  // What really arrives is counted; the announced length only refuses early.
  const isAnnounced = Number(request.headers.get('content-length') ?? 0) > JSON_BYTES_MAX
  const text = isAnnounced ? null : await readText(request.body, JSON_BYTES_MAX)
  if (text === null) {
    throw new Problem('body_too_large', { detail: `A JSON body may have ${JSON_BYTES_MAX} bytes at most.` })
  }
  if (text === '') return undefined
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new Problem('unsupported_media_type', { detail: 'Send the body as application/json.' })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('malformed_json', { detail: 'The body is not valid JSON.' })
  }
}
