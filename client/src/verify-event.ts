import type { components } from './schema.ts'

/** What an endpoint is sent. Types that are added later come too, so treat one that you do not know as nothing. */
export type Event = components['schemas']['Event']

export type EventErrorCode = 'no_headers' | 'wrong_signature' | 'too_old' | 'too_new' | 'wrong_secret' | 'unreadable'

/** An event that must not be believed. Answer it with 401. */
export class EventError extends Error {
  override readonly name = 'EventError'
  readonly code: EventErrorCode

  constructor(code: EventErrorCode) {
    super(`the event is not to be believed: ${code}`)
    this.code = code
  }
}

export interface VerifyOptions {
  /** How far the clocks may differ, and how old a copy may be. */
  readonly toleranceSeconds?: number
  readonly now?: Date
}

type HeadersLike = Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>

const PREFIX = 'whsec_'
/** As Standard Webhooks recommends. */
const TOLERANCE_SECONDS = 300

/**
 * The event of a request to your endpoint, once its signature (Standard Webhooks 1.0) and time are right. `body` is the
 * body as it came, not parsed. `secret`: the endpoint's; while you rotate it, a list of both. Throws EventError.
 */
export async function verifyEvent(
  secret: string | readonly string[],
  headers: HeadersLike,
  body: string,
  { toleranceSeconds = TOLERANCE_SECONDS, now = new Date() }: VerifyOptions = {},
): Promise<Event> {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    valueOf(headers, `webhook-${name}`),
  )
  if (!id || !timestamp || !signatures || !/^\d{1,12}$/.test(timestamp)) throw new EventError('no_headers')
  const ageSeconds = now.getTime() / 1000 - Number(timestamp)
  if (ageSeconds > toleranceSeconds) throw new EventError('too_old')
  if (ageSeconds < -toleranceSeconds) throw new EventError('too_new')
  const text = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  for (const one of typeof secret === 'string' ? [secret] : secret) {
    const key = await crypto.subtle.importKey('raw', bytesOf(one), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    for (const signature of signatures.split(' ')) {
      const given = signature.startsWith('v1,') ? decode(signature.slice(3)) : null
      // WebCrypto compares in constant time.
      if (given && (await crypto.subtle.verify('HMAC', key, given, text))) return parse(body)
    }
  }
  throw new EventError('wrong_signature')
}

function valueOf(headers: HeadersLike, name: string): string | null {
  if (isHeaders(headers)) return headers.get(name)
  const value = headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? null)
}

function isHeaders(headers: HeadersLike): headers is Pick<Headers, 'get'> {
  return typeof headers['get'] === 'function'
}

function bytesOf(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : null
  if (!bytes || bytes.length === 0) throw new EventError('wrong_secret')
  return bytes
}

/** Base64. Null: it is none. */
function decode(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function parse(body: string): Event {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service has signed it
    return JSON.parse(body) as Event
  } catch {
    throw new EventError('unreadable')
  }
}
