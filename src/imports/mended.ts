// The rejected rows of an earlier import, mended: they are imported as a file of their own, below the beginning of the
// file that they are from. Whose rows they are is found by their lines and texts.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { FileHead, RejectedRow } from '#crm/files.ts'
import type { Target } from '#imports/target.ts'
import { unreadable } from '#imports/target.ts'
import { CrmError } from '#lib/crm-error.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'

/** A person mends the rows of one of the last files. */
const RUNS_MAX = 20
/** Enough to tell two files apart. */
const COMPARED_ROWS_MAX = 50
const COMPARED_CHARACTERS_MAX = 1000
/**
 * Of the characters of a row, those that were not mended: a short row with a new date keeps a third of them, and rows
 * of two files have the first few in common.
 */
const SAME_MIN = 0.2
const BOM = '\ufeff'

export interface Mended {
  /** Of the file that they are from. */
  readonly plan: unknown
  readonly importId: string
  readonly chunks: AsyncGenerator<Uint8Array>
}

/** Throws Problem `unreadable_file` when these rows are of no import that is still known. */
export async function openMended(
  context: Context,
  target: Target,
  { head, all }: { readonly head: FileHead; readonly all: AsyncIterable<Uint8Array> },
): Promise<Mended> {
  const sample: RejectedRow[] = []
  for await (const rows of target.imports.readRejected(head, [head.bytes])) sample.push(...rows)
  const file = await findFile(context, target.row.id, sample.slice(0, COMPARED_ROWS_MAX))
  if (!file) throw unreadable(target, new CrmError('malformed', { reason: 'rejected_rows_unknown' }))
  const encoder = new TextEncoder()
  const chunks = (async function* () {
    yield encoder.encode(BOM + file.top)
    for await (const rows of target.imports.readRejected(head, all)) {
      yield encoder.encode(rows.map(({ raw }) => `${raw}\r\n`).join(''))
    }
  })()
  return { plan: file.plan, importId: file.importId, chunks }
}

/** What is kept of a file, as long as its run, so that rejected rows of it can be read later. */
const KeptFile = z.object({ top: z.string(), plan: z.unknown() })
type KeptFile = z.infer<typeof KeptFile>

export function keptFile({ top, plan }: KeptFile): string {
  return toPostgresJson({ top, plan })
}

interface FoundFile extends KeptFile {
  readonly importId: string
}

interface RejectedOf extends Record<string, unknown> {
  readonly run_id: string
  readonly import_id: string
  readonly kept: string
  readonly line: string
  readonly raw: string | null
}

/** The file whose rows are most like these. */
async function findFile(
  context: Context,
  integrationId: string,
  sent: readonly RejectedRow[],
): Promise<FoundFile | null> {
  const places = toPostgresJson(sent.map(({ line, column }) => ({ line, column })))
  const { rows } = await context.db.execute<RejectedOf>(sql`
    with runs as (
      select r.id, r.import_id, r.created_at, t.raw as kept from sync_runs r join rejected_rows t on t.run_id = r.id and t.line = 0
      where r.integration_id = ${integrationId}::uuid and r.quarantined > 0
      order by r.created_at desc, r.id limit ${RUNS_MAX}::int)
    select runs.id as run_id, runs.import_id, runs.kept, q.line::text, left(q.raw, ${COMPARED_CHARACTERS_MAX}::int) as raw
    from runs join rejected_rows q on q.run_id = runs.id
      join json_to_recordset(${places}::json) as s(line bigint, "column" text)
        -- In line 0 stands what is kept of the file.
        on s.line = q.line and q.line > 0 and s."column" is not distinct from q.column_name
    order by runs.created_at desc, runs.id`)
  const scored = [...Map.groupBy(rows, (row) => row.run_id).values()]
    .filter((of) => of.length === sent.length)
    .map((of) => ({ found: of[0], score: scoreOf(of, sent) }))
  // Sorting is stable: of equal ones the newest.
  const [best] = scored.toSorted((a, b) => b.score - a.score)
  if (!best?.found || best.score < SAME_MIN) return null
  return { ...KeptFile.parse(JSON.parse(best.found.kept)), importId: best.found.import_id }
}

function scoreOf(stored: readonly RejectedOf[], sent: readonly RejectedRow[]): number {
  const rawByLine = new Map(stored.map(({ line, raw }) => [Number(line), raw ?? '']))
  const scores = sent.map(({ line, raw }) =>
    sameShare(rawByLine.get(line) ?? '', raw.slice(0, COMPARED_CHARACTERS_MAX)),
  )
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(scores.length, 1)
}

/** The share of the shorter text that the other one has at its beginning or end. */
function sameShare(one: string, other: string): number {
  const most = Math.min(one.length, other.length)
  let [before, behind] = [0, 0]
  while (before < most && one[before] === other[before]) before += 1
  while (behind < most - before && one.at(-1 - behind) === other.at(-1 - behind)) behind += 1
  return most === 0 ? 0 : (before + behind) / most
}
