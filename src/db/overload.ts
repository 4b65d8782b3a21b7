// Neon refuses requests that are more than it takes: beyond its bucket of 600 a second for an endpoint, and while there
// is no connection to Postgres to be had. The statement has then not run, whatever it is, so it is sent again after a
// pause. A pause has jitter, or all that were refused together would come again together.
import * as z from 'zod'
import type { Clock } from '#lib/clock.ts'

/**
 * Only their texts tell these answers from other failures: they have no code (neondatabase/neon, proxy/src/auth/mod.rs,
 * control_plane/errors.rs and serverless/backend.rs). The last two are Postgres' and PgBouncer's own.
 */
const REFUSALS = [
  'Too many connections to this endpoint',
  'Too many connections attempts',
  'Failed to acquire permit to connect to the database',
  'remaining connection slots are reserved',
  'sorry, too many clients already',
  'no more connections allowed',
  'query_wait_timeout',
] as const

const Refusal = z.object({ message: z.string().refine((text) => REFUSALS.some((refusal) => text.startsWith(refusal))) })
/** The bucket empties within seconds. A slice of 20 s has time for that, and so has whoever waits for the API. */
const WAIT_MS_MAX = 8000
const FIRST_WAIT_MS = 250

export class OverloadedError extends Error {
  override readonly name = 'OverloadedError'
}

export interface SendInit extends RequestInit {
  /** All pauses together, if less than usual. */
  readonly waitMsMax?: number
}

export type Send = (url: string, init: SendInit) => Promise<Response>

/** Throws OverloadedError for an answer that says so; any other answer is returned, whole. */
export function refuseOverload(send: Send): Send {
  return async (url, init) => {
    const response = await send(url, init)
    if (response.status !== 400 && response.status < 500) return response
    const text = await response.text()
    if (isRefusal(text)) throw new OverloadedError('the database takes no more requests for the moment')
    const { status, headers } = response
    return new Response(text, { status, headers })
  }
}

function isRefusal(text: string): boolean {
  try {
    return Refusal.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

export interface Patience {
  readonly clock: Pick<Clock, 'sleep'>
  readonly random: () => number
}

/** Sends again after each OverloadedError, and throws it when that has taken long enough. */
export function withPatience(send: Send, { clock, random }: Patience): Send {
  return async (url, { waitMsMax = WAIT_MS_MAX, ...init }) => {
    let leftMs = Math.min(waitMsMax, WAIT_MS_MAX)
    for (let pauseMs = FIRST_WAIT_MS; ; pauseMs *= 2) {
      try {
        return await send(url, init)
      } catch (error) {
        const waitMs = pauseMs * (0.5 + random())
        if (!(error instanceof OverloadedError) || waitMs > leftMs) throw error
        leftMs -= waitMs
        await clock.sleep(waitMs)
      }
    }
  }
}
