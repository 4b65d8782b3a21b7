// Seals anew what another key than the ring's first has sealed, so that the other key can be removed. Work goes on
// meanwhile: every key of the ring opens, a value is replaced only while it is as it was read, and a row that somebody
// else holds is left for the next time.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { auditLines, ofBusiness } from '#audit/statements.ts'
import type { Keyring } from '#crypto/keyring.ts'
import { headerOf, open, seal, SealError } from '#crypto/seal.ts'
import { hexBytes } from '#db/bytea.ts'
import { countSealed, KeyUse, keyUses, storeCounts } from '#keys/key-uses.ts'
import { SEALED_COLUMNS, type SealedColumn } from '#keys/sealed-columns.ts'

/** A page of a sync waits for a row of it no longer than for another page. Chosen, not measured. */
const BATCH_ROWS = 500
/** A person waits for it, and a call has 30 s of CPU time. What is left is for the next call. Chosen, not measured. */
const TIME_MS = 20_000

const count = z.int().nonnegative()

export const Resealed = z
  .strictObject({
    resealed: count.meta({ description: 'Values that were sealed anew.' }),
    unreadable: count.meta({ description: 'Values that no key of the service opens. They stay as they are.' }),
    keys: z.array(KeyUse).meta({
      description: 'How much each key seals now. Call again while another than the first seals anything.',
    }),
  })
  .meta({ id: 'Resealed', description: 'What sealing anew came to.' })
type Resealed = z.infer<typeof Resealed>

/** Of all businesses, as much as there is time for. */
export async function reseal(context: Context): Promise<Resealed> {
  const startedAt = context.clock.now().getTime()
  const isInTime = () => context.clock.now().getTime() - startedAt < TIME_MS
  const done = { resealed: 0, unreadable: 0 }
  for (const column of SEALED_COLUMNS) {
    for (let after: string | null = null; isInTime();) {
      const batch: OldValue[] = await oldValues(context, column, after)
      const { fresh, unreadable } = await sealAnew(context, column, batch)
      done.unreadable += unreadable
      done.resealed += await replace(context, column, fresh)
      after = batch.at(-1)?.key ?? null
      if (batch.length < BATCH_ROWS) break
    }
  }
  const counts = await countSealed(context)
  const isWorthALine = done.resealed > 0 || context.actor.scope !== 'system'
  await storeCounts(context, counts, isWorthALine ? [auditLines(context, { action: 'keys.resealed' }, NOBODY)] : [])
  context.log.info('resealed', { ...done, ms: context.clock.now().getTime() - startedAt })
  return { ...done, keys: await keyUses(context) }
}

const NOBODY = ofBusiness(null)

interface OldValue extends Record<string, unknown> {
  /** Text of a uuid, or hex. */
  readonly key: string
  readonly business: string
  readonly sealed: Uint8Array
}

/** The next values in the order of their rows that another key than the first has sealed. */
async function oldValues(context: Context, column: SealedColumn, after: string | null): Promise<OldValue[]> {
  const { table, key, keyType, business } = column
  const header = headerOf((await context.keyring()).sealing.id)
  const [value, id] = [sql.raw(`t.${column.column}`), sql.raw(`t.${key}`)]
  const { rows } = await context.db.execute<OldValue>(sql`
    select ${textOf(`t.${key}`, keyType)} as key, coalesce(${sql.raw(business)}::text, '') as business, ${value} as sealed
    from ${sql.raw(table)} t
    where ${value} is not null and substring(${value}, 1, ${header.length}::int) <> ${hexBytes(header)}::bytea
      and (${after}::text is null or ${id} > ${keyOf(sql`${after}::text`, keyType)})
    order by ${id} limit ${BATCH_ROWS}::int`)
  return rows
}

interface FreshValue {
  readonly key: string
  readonly old: string
  readonly fresh: string
}

async function sealAnew(
  context: Context,
  { table, column, sealedAs = column }: SealedColumn,
  values: readonly OldValue[],
) {
  const keyring = await context.keyring()
  const fresh: FreshValue[] = []
  for (const { key, business, sealed } of values) {
    const place = { table, column: sealedAs, integrationId: key, businessId: business }
    const text = await openOrNull(keyring, sealed, place)
    if (text === null) context.log.error('sealed_value_unreadable', { table, column })
    else fresh.push({ key, old: sealed.toHex(), fresh: (await seal(text, keyring, place)).toHex() })
  }
  return { fresh, unreadable: values.length - fresh.length }
}

async function openOrNull(keyring: Keyring, sealed: Uint8Array, place: Parameters<typeof open>[2]) {
  try {
    return await open(sealed, keyring, place)
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}

/** Returns how many were still as they were read. */
async function replace(context: Context, column: SealedColumn, values: readonly FreshValue[]): Promise<number> {
  if (values.length === 0) return 0
  const { table, key, keyType } = column
  const [row, value, id] = [sql.raw(table), sql.raw(column.column), sql.raw(key)]
  const { rowCount } = await context.db.execute(sql`
    with input as (
      select ${keyOf(sql`x.key`, keyType)} as id, decode(x.old, 'hex') as old, decode(x.fresh, 'hex') as fresh
      from json_to_recordset(${JSON.stringify(values)}::json) as x(key text, old text, fresh text)
    ), free as (
      select t.${id} as id from ${row} t join input on input.id = t.${id} order by 1 for no key update of t skip locked)
    update ${row} t set ${value} = input.fresh from input join free using (id)
    where t.${id} = input.id and t.${value} = input.old`)
  return rowCount ?? 0
}

function textOf(column: string, keyType: SealedColumn['keyType']) {
  return sql.raw(keyType === 'uuid' ? `${column}::text` : `encode(${column}, 'hex')`)
}

function keyOf(text: ReturnType<typeof sql>, keyType: SealedColumn['keyType']) {
  return keyType === 'uuid' ? sql`${text}::uuid` : sql`decode(${text}, 'hex')`
}
