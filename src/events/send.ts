// One attempt to deliver an event. Whatever becomes of it is an answer; it never throws.
import { outboundPolicy } from '#config.ts'
import type { Context } from '#context.ts'
import { signedHeaders } from '#events/sign.ts'
import { refuseAddress } from '#lib/egress-policy.ts'
import { readHead } from '#lib/read-body.ts'
import { withTimeout } from '#lib/with-timeout.ts'

/** The time that a receiver has to answer. */
const TIMEOUT_MS = 15_000
/** For the body behind an answer's status. */
const BODY_MS = 1000
/** Enough for a sentence that says what is wrong. */
const ANSWER_CHARACTERS_MAX = 500
const ANSWER_BYTES_MAX = 4 * ANSWER_CHARACTERS_MAX

export interface Answer {
  readonly isDelivered: boolean
  readonly status: number | null
  /** What the body begins with, without what may be personal. */
  readonly body: string | null
  readonly ms: number
  /** Why there was no answer. */
  readonly error: AnswerError | null
}

export const ANSWER_ERRORS = ['address_refused', 'timeout', 'connection', 'secret_unreadable'] as const
type AnswerError = (typeof ANSWER_ERRORS)[number]

export interface Attempt {
  readonly url: string
  readonly id: string
  readonly body: string
  /** Null: none can be opened. */
  readonly secrets: readonly string[] | null
}

export async function sendEvent(context: Context, { url, id, body, secrets }: Attempt): Promise<Answer> {
  const startedAt = context.clock.now().getTime()
  const took = () => context.clock.now().getTime() - startedAt
  const none = (error: Answer['error']): Answer => ({ isDelivered: false, status: null, body: null, ms: took(), error })
  if (secrets === null) return none('secret_unreadable')
  // Checked at each attempt: the rules may have changed since the address was saved.
  if (refuseAddress(url, outboundPolicy(context.config))) return none('address_refused')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const headers = await signedHeaders({ id, timestamp: Math.floor(startedAt / 1000), body }, secrets)
    const response = await context.fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'crm-integrations' },
      body,
      redirect: 'manual',
      signal,
    })
    // The status decides; what follows is for people.
    const [isDelivered, { status }, ms] = [response.ok, response, took()]
    return { isDelivered, status, body: await readBeginning(response.body), ms, error: null }
  } catch {
    return none(signal.aborted ? 'timeout' : 'connection')
  }
}

/** Null: there is none, or it does not come. */
async function readBeginning(body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  if (!body) return null
  const chunks = body[Symbol.asyncIterator]()
  try {
    const head = await withTimeout(readHead(chunks, ANSWER_BYTES_MAX), BODY_MS)
    if (head === 'late') return null
    const text = new TextDecoder().decode(head.bytes).replaceAll('\0', '').slice(0, ANSWER_CHARACTERS_MAX)
    return text === '' ? null : masked(text.toWellFormed())
  } catch {
    return null
  } finally {
    // Not awaited: an iterator that waits for its next chunk returns only then.
    void chunks.return?.()?.catch(() => undefined)
  }
}

/** A receiver may quote people: anything around an @, and long numbers. */
function masked(text: string): string {
  return text.replaceAll(/[^\s"'<>@]{1,64}@[^\s"'<>@]{1,64}/g, '***').replaceAll(/\+?\d[\d ()-]{5,20}\d/g, '***')
}
