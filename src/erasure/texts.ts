// Texts that are kept as they came and may name a customer: quarantined records, rejected rows, bodies of hooks, notes
// on files. Nothing is counted from them, so one that may name the customer goes as a whole.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { arrayOf } from '#db/array.ts'
import { ACTIVE } from '#runs/states.ts'

/** What texts are searched for. */
export interface Needles {
  /** The last digits of phones: before them people write what they like. */
  readonly digits: readonly string[]
  /** Addresses, cards and ids, in lower case. */
  readonly words: readonly string[]
  /** The ids of the customer's transactions. */
  readonly externalIds: readonly string[]
}

export type Erase = (context: Context, integrationId: string, needles: Needles) => Promise<number>

const DAY_MS = 86_400_000
/** Ranges of the keys of notes, which are digests: a large file has a million of them. */
const KEY_RANGES = Array.from({ length: 16 }, (_, index) => index.toString(16))

/** Characters that forms encode, and bytes beyond ASCII as Postgres writes them: their digits are none of the text. */
const ENCODED = sql.raw(String.raw`'%[0-9A-Fa-f]{2}|\\[0-7]{3}'`)

/** `text` names the customer. */
function names(text: SQL, { digits, words }: Needles): SQL {
  return sql`(regexp_replace(regexp_replace(${text}, ${ENCODED}, ' ', 'g'), '[^0-9]', '', 'g') like any (${likes(digits)}::text[])
    or lower(replace(${text}, '%40', '@')) like any (${likes(words)}::text[]))`
}

function likes(parts: readonly string[]): string | null {
  return arrayOf(parts.map((part) => `%${part.replaceAll(/[%_\\]/g, String.raw`\$&`)}%`))
}

async function countOf({ db }: Context, statement: SQL): Promise<number> {
  return (await db.execute(statement)).rowCount ?? 0
}

/** Day by day, since the bytes of a day are bounded. A delivery that waits loses its body when it is settled. */
export const eraseBodies: Erase = async (context, integrationId, needles) => {
  const days = context.config.retentionDays.webhookBodies + 1
  const now = context.clock.now().getTime()
  let total = 0
  for (let day = -1; day <= days; day += 1) {
    const from = day === days ? '-infinity' : new Date(now - (day + 1) * DAY_MS).toISOString()
    const to = day === -1 ? 'infinity' : new Date(now - day * DAY_MS).toISOString()
    total += await countOf(
      context,
      sql`update webhook_deliveries d set body = null
        where d.integration_id = ${integrationId}::uuid and d.body is not null and d.status <> 'new'
          and d.received_at >= ${from}::timestamptz and d.received_at < ${to}::timestamptz
          and (${names(sql`encode(d.body, 'escape')`, needles)} or exists (
            select from jsonb_array_elements(case when jsonb_typeof(d.hints) = 'array' then d.hints end) h
            where h ->> 'externalId' = any (${arrayOf(needles.externalIds)}::text[])))`,
    )
  }
  return total
}

/** What is left says that a record could not be read, and which: it is read again as ever. */
export const eraseQuarantine: Erase = async (context, integrationId, needles) =>
  countOf(
    context,
    sql`update quarantined_records q set raw = null,
        reason = case when ${names(sql`q.reason`, needles)} then 'unreadable' else q.reason end
      where q.integration_id = ${integrationId}::uuid and q.raw is not null
        and (${names(sql`q.raw::text || ' ' || q.reason`, needles)}
          or q.external_id = any (${arrayOf(needles.externalIds)}::text[]))`,
  )

export const eraseRejectedRows: Erase = async (context, integrationId, needles) => {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    select r.id from sync_runs r where r.integration_id = ${integrationId}::uuid
      and exists (select from rejected_rows w where w.run_id = r.id)`)
  let total = 0
  for (const { id } of rows) {
    total += await countOf(
      context,
      sql`update rejected_rows w set raw = null
        where w.run_id = ${id}::uuid and w.raw is not null and ${names(sql`w.raw`, needles)}`,
    )
  }
  return total
}

/** Notes of a file that is being read are needed for its sums; they go with the file. */
export const eraseNotes: Erase = async (context, integrationId, needles) => {
  let total = 0
  for (const first of KEY_RANGES) {
    const [from, to] = ['0', 'f'].map((rest) => `${first}${rest.repeat(31)}`)
    total += await countOf(
      context,
      sql`delete from file_notes n
        where n.integration_id = ${integrationId}::uuid and n.key between ${from}::uuid and ${to}::uuid
          and ${names(sql`n.parts::text`, needles)} and not exists (
            select from sync_runs r where r.integration_id = n.integration_id and r.status in ${ACTIVE})`,
    )
  }
  return total
}
