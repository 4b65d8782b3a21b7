// How many values each key seals. Counting reads every row, so it is done when values were sealed anew and at night,
// and what others show is the last count.
import { desc, type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstantOrNull } from '#db/columns.ts'
import { sealingKeys } from '#db/schema/deployment.ts'
import { isOpenedBy, makeProbe } from '#keys/probe.ts'
import { SEALED_COLUMNS } from '#keys/sealed-columns.ts'

export const KeyUse = z
  .strictObject({
    id: z.string().meta({ description: 'The id of the key in `ENCRYPTION_KEYS`.' }),
    values: z.int().nonnegative().meta({ description: 'How many values it seals. With 0 it can be removed.' }),
    countedAt: z.iso.datetime().nullable().meta({ description: 'When they were counted; null: not yet.' }),
    isFirst: z.boolean().meta({ description: 'It is the first of `ENCRYPTION_KEYS`: it seals what is new.' }),
    isKnown: z.boolean().meta({ description: 'It is in `ENCRYPTION_KEYS` and opens what it sealed.' }),
  })
  .meta({ id: 'KeyUse', description: 'A key that seals something in the database.' })
export type KeyUse = z.infer<typeof KeyUse>

/** As they were last counted. */
export async function keyUses(context: Context): Promise<KeyUse[]> {
  const keyring = await context.keyring()
  const { keyId, probe, sealedValues, countedAt } = sealingKeys
  const rows = await context.db
    .select({ keyId, probe, sealedValues, countedAt })
    .from(sealingKeys)
    .orderBy(desc(sealedValues), keyId)
  return Promise.all(
    rows.map(async (row) => ({
      ...{ id: row.keyId, values: row.sealedValues, countedAt: isoInstantOrNull(row.countedAt) },
      isFirst: row.keyId === keyring.sealing.id,
      isKnown: row.probe ? await isOpenedBy(keyring, row.keyId, row.probe) : keyring.byId.has(row.keyId),
    })),
  )
}

export interface Count extends Record<string, unknown> {
  readonly key_id: string
  readonly values: number
}

/** A sealed value names its key behind the version and the length of its id: see crypto/seal.ts. */
export async function countSealed({ db }: Context): Promise<Count[]> {
  const values = SEALED_COLUMNS.map(({ table, column }) =>
    sql.raw(`select ${column} as v from ${table} where octet_length(${column}) > 2`),
  )
  const { rows } = await db.execute<Count>(sql`
    select convert_from(substring(v, 3, get_byte(v, 1)), 'UTF8') as key_id, count(*)::int as values
    from (${sql.join(values, sql` union all `)}) sealed group by 1`)
  return rows
}

/** `also` is done in the same transaction. A key that seals nothing any more is forgotten, but for the first. */
export async function storeCounts(context: Context, counts: readonly Count[], also: readonly SQL[]): Promise<void> {
  const { db } = context
  const keyring = await context.keyring()
  const rows = await Promise.all(
    counts.map(async (one) => ({ ...one, probe: (await makeProbe(keyring, one.key_id))?.toHex() ?? null })),
  )
  const input = sql`json_to_recordset(${JSON.stringify(rows)}::json) as x(key_id text, values bigint, probe text)`
  await db.batch([
    db.execute(sql`
      insert into sealing_keys as k (key_id, probe, sealed_values, counted_at)
      select x.key_id, decode(x.probe, 'hex'), x.values, now() from ${input}
      on conflict (key_id) do update set sealed_values = excluded.sealed_values, counted_at = now(),
        probe = coalesce(k.probe, excluded.probe)`),
    db.execute(sql`
      delete from sealing_keys k where k.key_id <> ${keyring.sealing.id}
        and k.key_id not in (select x.key_id from ${input})`),
    db.execute(sql`
      update sealing_keys k set sealed_values = 0, counted_at = now() where k.key_id = ${keyring.sealing.id}
        and k.key_id not in (select x.key_id from ${input})`),
    ...also.map((statement) => db.execute(statement)),
  ])
}
