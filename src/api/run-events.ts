// A run as server-sent events. Each event is the whole run as it is now, so a reader that missed some has lost nothing;
// its id describes the state of the run, so a reader that reconnects gets only what it has not seen.
import { isSessionOpen } from '#connect-sessions/use.ts'
import type { Context } from '#context.ts'
import type { Principal } from '#api/auth/verify-token.ts'
import { type OpenStream, openStream } from '#api/open-streams.ts'
import { type Known, type RunOf, runAsOf } from '#api/shared-run.ts'
import type { Language } from '#lib/localized.ts'
import { Problem } from '#lib/errors.ts'
import { textStream } from '#lib/text-stream.ts'
import { presentRun, type RunRow } from '#runs/schema.ts'

/** A run is asked for after a tenth of the time for which it has stood still, within these bounds. */
const POLL_MS = { least: 1000, most: 4000 } as const
const STILL_SHARE = 0.1
/** A stream ends then, or with its access token; readers reconnect. */
const STREAM_MS = 15 * 60_000
const RECONNECT_MS = 2000
const BUSY_SECONDS = '15'

interface Reader {
  readonly run: RunRow
  readonly lastEventId: string | null
  readonly language: Language
  readonly principal: Principal
  /** Aborted when the reader goes. */
  readonly signal: AbortSignal
}

/** Does work that reads the run like an open stream. Without it when the subject has as many open as it may. */
export async function whileOpen(
  { clock }: Context,
  { subject, businessId }: Principal,
  run: RunRow,
  read: (touch: () => void) => Promise<RunRow | null>,
): Promise<RunRow | null> {
  const stream = openStream(`${businessId ?? ''}:${subject}`, clock.now().getTime())
  if (!stream) return run
  try {
    return await read(() => stream.touch(clock.now().getTime()))
  } finally {
    stream.close()
  }
}

/** Null: the run is over, and the reader has seen its end. Throws Problem `too_many_requests`. */
export function streamRun(context: Context, runOf: RunOf, reader: Reader): ReadableStream<Uint8Array> | null {
  if (isOver(reader.run) && reader.lastEventId === eventId(reader.run)) return null
  const { subject, businessId } = reader.principal
  const stream = openStream(`${businessId ?? ''}:${subject}`, context.clock.now().getTime())
  if (stream) return textStream(eventsOf(context, runOf, reader, stream))
  throw new Problem('too_many_requests', {
    detail: {
      en: 'Too many streams are open. Close one of them.',
      ru: 'Открыто слишком много потоков. Закройте один из них.',
    },
    headers: { 'retry-after': BUSY_SECONDS },
  })
}

async function* eventsOf(
  context: Context,
  runOf: RunOf,
  { run: first, lastEventId, language, principal, signal }: Reader,
  stream: OpenStream,
): AsyncGenerator<string> {
  const now = () => context.clock.now().getTime()
  const until = Math.min(now() + STREAM_MS, principal.expiresAt)
  let sentId = lastEventId
  let changedAt = now()
  let known: Known | null = { run: first, readAt: changedAt }
  try {
    yield `retry: ${RECONNECT_MS}\n\n`
    while (known) {
      const { run } = known
      const id = eventId(run)
      if (id !== sentId) changedAt = now()
      if (id !== sentId) yield `id: ${id}\nevent: run\ndata: ${JSON.stringify(presentRun(run, language))}\n\n`
      // The runtime finds out that a reader has gone only when it writes.
      else yield ': heartbeat\n\n'
      sentId = id
      if (isOver(run)) return
      const pollMs = Math.min(Math.max((now() - changedAt) * STILL_SHARE, POLL_MS.least), POLL_MS.most)
      await context.clock.sleep(pollMs)
      if (signal.aborted || now() >= until) return
      stream.touch(now())
      known = await readAgain(context, runOf, { known, principal, ageMs: pollMs })
    }
  } finally {
    stream.close()
  }
}

interface Again {
  readonly known: Known
  readonly principal: Principal
  readonly ageMs: number
}

/** The stream survives a failed read of the database. Null: the run was deleted, or the reader's session is over. */
async function readAgain(
  context: Context,
  runOf: RunOf,
  { known, principal: { session }, ageMs }: Again,
): Promise<Known | null> {
  try {
    if (session && !(await isSessionOpen(context, session.id))) return null
    return await runAsOf(context, runOf, known, ageMs)
  } catch (error) {
    context.log.warn('run_events_read_failed', { error, runId: known.run.id })
    return known
  }
}

function isOver({ finished_at }: RunRow): boolean {
  return finished_at !== null
}

/** Covers everything of a run that can change. */
function eventId(run: RunRow): string {
  const resume = run.resume_at === null ? 0 : Date.parse(run.resume_at)
  return [run.status, run.attempt, run.pages, run.progress_done, resume, run.confirmed_at === null ? 0 : 1].join('.')
}
