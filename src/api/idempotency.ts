// `Idempotency-Key`: a request that is repeated because its answer was lost is answered as the first one was. Requests
// without the header pass at no cost.
import { waitUntil } from 'cloudflare:workers'
import type { Context as HonoContext } from 'hono'
import type { HonoEnv } from '#api/hono-env.ts'
import type { Route } from '#api/route.ts'
import { jsonLimit, type Middleware, type Validated } from '#api/validation.ts'
import type { Context } from '#context.ts'
import { type Claim, claimKey, dropClaim, type Earlier, keepAnswer, renewClaim } from '#idempotency/kept-answers.ts'
import { findIntegration } from '#integrations/queries.ts'
import { Problem } from '#lib/errors.ts'
import { isId } from '#lib/id.ts'

const HEADER = 'idempotency-key'
const REPLAYED = 'idempotency-replayed'
const KEY = /^[\x21-\x7e]{1,255}$/
/** Those of the route. All others are made anew for each answer. */
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'vary']
/** While a body is still being read. */
const RENEWED_MS = 30_000
const RETRY_SECONDS = '1'
const OF_INTEGRATION = '/v1/integrations/{id}/'

/** Stands behind authentication: another subject's key is another key. */
export function idempotency({ path, rawBody, takesIdempotencyKey }: Route): Middleware[] {
  if (!takesIdempotencyKey) return []
  const isOfIntegration = path.startsWith(OF_INTEGRATION)
  const answer = rawBody === null ? answerJson : answerStream
  return [
    async (c, next) => {
      const key = c.req.header(HEADER)
      if (key === undefined) return next()
      if (!KEY.test(key)) throw new Problem('invalid_request', { errors: [WRONG_KEY] })
      return answer(c, next, { key, isOfIntegration })
    },
  ]
}

interface Keyed {
  readonly key: string
  readonly isOfIntegration: boolean
}

async function answerJson(c: Validated, next: () => Promise<void>, keyed: Keyed): Promise<Response | undefined> {
  let bytes = new Uint8Array()
  await jsonLimit(c, async () => {
    bytes = new Uint8Array(await c.req.raw.arrayBuffer())
    c.req.raw = new Request(c.req.raw, { method: c.req.method, body: bytes.length === 0 ? null : bytes })
  })
  const hash = createHash(c.req.url)
  await hash.write(bytes)
  const requestHash = await hash.end()
  const found = await claimKey(c.get('context'), ownerOf(c, keyed), requestHash)
  if ('claim' in found) await answerFirst(c, next, { claim: found.claim, requestHash: () => requestHash })
  else if (await isGone(c, keyed)) await next()
  else return replay(found.earlier, requestHash)
  return undefined
}

async function answerStream(c: Validated, next: () => Promise<void>, keyed: Keyed): Promise<Response | undefined> {
  const context = c.get('context')
  const body: ReadableStream<Uint8Array> | null = c.req.raw.body
  const hash = createHash(c.req.url)
  const found = await claimKey(context, ownerOf(c, keyed), null)
  if ('earlier' in found) {
    if (await isGone(c, keyed)) {
      await next()
      return undefined
    }
    for await (const chunk of body ?? []) await hash.write(chunk)
    return replay(found.earlier, await hash.end())
  }
  let requestHash: Uint8Array<ArrayBuffer> | null = null
  let renewedAt = context.clock.now().getTime()
  const hashed = new TransformStream<Uint8Array, Uint8Array>({
    transform: async (chunk, controller) => {
      const now = context.clock.now().getTime()
      if (now - renewedAt > RENEWED_MS) {
        renewedAt = now
        await renewClaim(context, found.claim)
      }
      await hash.write(chunk)
      controller.enqueue(chunk)
    },
    flush: async () => {
      requestHash = await hash.end()
    },
  })
  if (body) c.req.raw = new Request(c.req.raw, { method: c.req.method, body: body.pipeThrough(hashed) })
  else requestHash = await hash.end()
  await answerFirst(c, next, { claim: found.claim, requestHash: () => requestHash })
  return undefined
}

interface First {
  readonly claim: Claim
  /** Null: not all of the body was read, so no repeat could be compared with it. */
  readonly requestHash: () => Uint8Array<ArrayBuffer> | null
}

/** Goes on when the client has gone: it will ask again, and by then the answer is there. */
async function answerFirst(c: Validated, next: () => Promise<void>, first: First): Promise<void> {
  const context = c.get('context')
  const work = async () => {
    try {
      await next()
    } catch (error) {
      await settle(context, first, null)
      throw error
    }
    await settle(context, first, c.res)
  }
  const done = work()
  waitUntil(done.catch(() => undefined))
  await done
}

/** Our own failures and refusals for a while are no answers to keep. */
async function settle(context: Context, { claim, requestHash }: First, response: Response | null): Promise<void> {
  const hash = requestHash()
  try {
    if (!response || response.status >= 500 || response.status === 429 || !hash) {
      await dropClaim(context, claim)
      return
    }
    const headers = KEPT_HEADERS.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    const body = response.body === null ? null : await response.clone().text()
    const answer = { status: response.status, headers: Object.fromEntries(headers), body }
    await keepAnswer(context, claim, { requestHash: hash, answer })
  } catch (error) {
    // The effect is there and its answer is right. A repeat counts as a new request once the claim is over.
    context.log.warn('idempotent_answer_lost', { error })
  }
}

/** Nothing is told of an integration that has been deleted: the request is handled anew, and finds none. */
async function isGone(c: Validated, { isOfIntegration }: Keyed): Promise<boolean> {
  if (!isOfIntegration) return false
  const id = c.req.param('id') ?? ''
  const { isAdmin, businessId } = c.get('principal')
  return !isId(id) || (await findIntegration(c.get('context').db, id, isAdmin ? null : businessId)) === null
}

/** Throws Problem `idempotency_key_reused`, `request_in_progress` or `idempotent_answer_lost`. */
function replay({ requestHash: first, answer }: Earlier, requestHash: Uint8Array): Response {
  if (first && first.toHex() !== requestHash.toHex()) throw new Problem('idempotency_key_reused', { detail: REUSED })
  if (!answer) {
    throw new Problem('request_in_progress', { detail: IN_PROGRESS, headers: { 'retry-after': RETRY_SECONDS } })
  }
  // Another try might do the same a second time, so the caller decides.
  if (answer === 'unreadable') throw new Problem('idempotent_answer_lost', { detail: ANSWER_LOST })
  return new Response(answer.body, { status: answer.status, headers: { ...answer.headers, [REPLAYED]: 'true' } })
}

function ownerOf(c: HonoContext<HonoEnv>, { key }: Keyed) {
  const { subject, businessId } = c.get('principal')
  return { subject, businessId, route: `${c.req.method} ${c.req.path}`, key }
}

/** SHA-256 of the query and the body, as they come. */
function createHash(url: string) {
  const digest = new crypto.DigestStream('SHA-256')
  const writer = digest.getWriter()
  const begun = writer.write(new TextEncoder().encode(`${new URL(url).search}\n`))
  return {
    write: async (chunk: Uint8Array) => {
      await begun
      await writer.write(chunk)
    },
    end: async () => {
      await begun
      await writer.close()
      return new Uint8Array(await digest.digest)
    },
  }
}

const WRONG_KEY = {
  path: `header.${HEADER}`,
  code: 'wrong_form',
  message: { en: 'expected 1 to 255 visible ASCII characters', ru: 'нужно от 1 до 255 видимых знаков ASCII' },
} as const
const REUSED = {
  en: 'The same Idempotency-Key came before with another body or query. Use a new key for a new request.',
  ru: 'С этим Idempotency-Key уже приходил запрос с другим телом или параметрами. Новому запросу нужен новый ключ.',
}
const IN_PROGRESS = {
  en: 'The first request with this Idempotency-Key is still under way. Send it again in a moment.',
  ru: 'Первый запрос с этим Idempotency-Key ещё выполняется. Повторите чуть позже.',
}
const ANSWER_LOST = {
  en: 'The first request with this Idempotency-Key was answered, but an encryption key that its answer needs has been removed. Look at what is there; if it has to be done again, send it with a new key.',
  ru: 'На первый запрос с этим Idempotency-Key ответ уже был, но ключ шифрования, которым он закрыт, удалён. Проверьте, что получилось; если нужно повторить, отправьте запрос с новым ключом.',
}
