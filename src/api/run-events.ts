// A run as server-sent events. Each event is the whole run as it is now, so a reader that missed some has lost nothing;
// its id describes the state of the run, so a reader that reconnects gets only what it has not seen.
import type { Context } from '#context.ts'
import type { Language } from '#api/route.ts'
import { textStream } from '#lib/text-stream.ts'
import { presentRun, type RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'

const POLL_MS = 1000
const HEARTBEAT_MS = 15_000
/** Ends a stream soon after its access token has expired; readers reconnect. */
const STREAM_MS = 15 * 60_000
const RECONNECT_MS = 2000

type RunOf = Parameters<typeof getRun>[1]

interface Reader {
  readonly run: RunRow
  readonly lastEventId: string | null
  readonly language: Language
}

/** Null: the run is over, and the reader has seen its end. */
export function streamRun(context: Context, runOf: RunOf, reader: Reader): ReadableStream<Uint8Array> | null {
  if (isOver(reader.run) && reader.lastEventId === eventId(reader.run)) return null
  return textStream(eventsOf(context, runOf, reader))
}

async function* eventsOf(context: Context, runOf: RunOf, reader: Reader): AsyncGenerator<string> {
  const { clock } = context
  const openedAt = clock.now().getTime()
  let sentAt = openedAt
  let sentId = reader.lastEventId
  let run: RunRow | null = reader.run
  yield `retry: ${RECONNECT_MS}\n\n`
  while (run && clock.now().getTime() - openedAt < STREAM_MS) {
    const id = eventId(run)
    const isHeartbeatDue = clock.now().getTime() - sentAt >= HEARTBEAT_MS
    if (id !== sentId) yield `id: ${id}\nevent: run\ndata: ${JSON.stringify(presentRun(run, reader.language))}\n\n`
    else if (isHeartbeatDue) yield ': heartbeat\n\n'
    if (id !== sentId || isHeartbeatDue) sentAt = clock.now().getTime()
    sentId = id
    if (isOver(run)) return
    await clock.sleep(POLL_MS)
    run = await readAgain(context, runOf, run)
  }
}

/** The stream survives a failed read of the database. Null: the run was deleted. */
async function readAgain(context: Context, runOf: RunOf, last: RunRow): Promise<RunRow | null> {
  try {
    return await getRun(context, runOf)
  } catch (error) {
    context.log.warn('run_events_read_failed', { error, runId: last.id })
    return last
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
