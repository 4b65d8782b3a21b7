import type { Client } from './create-client.ts'
import { mayPass, ProblemError, unwrap } from './problem.ts'
import { sleep } from './retrying-fetch.ts'
import type { components } from './schema.ts'

interface ListPage<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

interface ListAnswer<Item> {
  readonly data?: ListPage<Item>
  readonly error?: unknown
  readonly response: Response
}

/**
 * Every item of a list, page by page as they are asked for:
 *
 *     iterate((cursor) => client.GET('/v1/integrations', { params: { query: { cursor } } }))
 *
 * Throws ProblemError when the API refuses.
 */
export async function* iterate<Item>(
  page: (cursor: string | undefined) => Promise<ListAnswer<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await unwrap(page(cursor))
    yield* items
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}

type Transaction = components['schemas']['Transaction']

export interface FollowChanges {
  readonly integrationId: string
  /** Where the reader stopped the last time; 0 reads all. */
  readonly after: number
  readonly signal?: AbortSignal
  /** How long to wait when there is nothing new; 10 when left out. */
  readonly pauseSeconds?: number
  /** Most changes that come at once; 200 when left out. */
  readonly limit?: number
}

export interface ChangeBatch {
  readonly items: readonly Transaction[]
  /** To be kept with what was made of the items: `after` of the next time. */
  readonly after: number
}

/** While the API is away: the pause at first, doubled each time. */
const AWAY_MS = 1000
const AWAY_MAX_MS = 60_000

/**
 * Every change of an integration's sales, in order, until it is aborted. None is missed, and one that comes again after
 * a crash has the same `changeSeq`. While the API is away it is asked again, once a minute in the end, or when
 * `Retry-After` says. Throws ProblemError for a refusal that does not pass, such as 401, 403 and 404, and the signal's
 * reason: begin again with the last `after`.
 */
export async function* followChanges(
  client: Client,
  { integrationId, after, signal, pauseSeconds = 10, limit = 200 }: FollowChanges,
): AsyncGenerator<ChangeBatch> {
  const pauseMs = pauseSeconds * 1000
  for (let from = after; ;) {
    const params = { path: { id: integrationId }, query: { after: from, limit } }
    const read = async () => unwrap(client.GET('/v1/integrations/{id}/changes', { params, ...(signal && { signal }) }))
    const { items, nextAfter } = await untilAnswered(read, { signal, pauseMs })
    from = nextAfter
    if (items.length > 0) yield { items, after: from }
    if (items.length < limit) await sleep(pauseMs, signal)
  }
}

interface Asking {
  readonly signal: AbortSignal | undefined
  readonly pauseMs: number
}

async function untilAnswered<T>(read: () => Promise<T>, { signal, pauseMs }: Asking): Promise<T> {
  for (let awayMs = Math.max(pauseMs, AWAY_MS); ; awayMs = Math.min(awayMs * 2, AWAY_MAX_MS)) {
    try {
      return await read()
    } catch (error) {
      if (!mayPass(error)) throw error
      const askedMs = error instanceof ProblemError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
      await sleep(Math.max(awayMs, askedMs), signal)
    }
  }
}
