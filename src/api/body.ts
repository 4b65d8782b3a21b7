import { Problem } from '#lib/errors.ts'

const JSON_BYTES_MAX = 1_000_000

/** The parsed JSON body; undefined when there is none. Throws Problem 413, 415 or `malformed_json`. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request)
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

/** Counts what really arrives: Content-Length is only used to refuse early. */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > JSON_BYTES_MAX) throw tooLarge()
  const body: ReadableStream<Uint8Array> | null = request.body
  if (!body) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > JSON_BYTES_MAX) throw tooLarge()
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function tooLarge(): Problem {
  return new Problem('body_too_large', { detail: `A JSON body may have ${JSON_BYTES_MAX} bytes at most.` })
}
