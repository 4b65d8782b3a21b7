// Takes one customer out of the transactions of an integration and out of their history; sums stay. Whatever is written
// meanwhile is masked by its writer, and an undo may give a former state back: so it looks until nothing is found.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { arrayOf } from '#db/array.ts'
import { emailOf } from '#tombstones/erased.ts'
import { type CustomerColumns, eraseStates, PERSONAL, type StoredStates } from '#transactions/erase-states.ts'

/** By what a customer is found. */
export interface Person {
  readonly phones: readonly string[]
  /** As `emailOf` has them. */
  readonly emails: readonly string[]
  readonly ids: readonly string[]
}

/** Rows that one statement looks through: measured, 50,000 take 200 ms on a busy machine. */
const WINDOW_ROWS = 50_000
/** Transactions of one write: the lock is held for a few milliseconds. */
const BATCH_ROWS = 200
/** Each round but the last has found something. More than two need an undo that runs at the same time. */
const ROUNDS_MAX = 20

export interface Found {
  readonly transactionIds: readonly string[]
  readonly externalIds: readonly string[]
  /** Former states, too; of those only what a change says. */
  readonly customers: readonly Partial<CustomerColumns>[]
}

interface WindowRow extends Record<string, unknown> {
  readonly last: string | null
  readonly found: readonly { readonly id: string; readonly external_id?: string; readonly customer: CustomerColumns }[]
}

/** Where a customer may stand: in sales, and in what their changes have changed. `p` is a row of a window. */
interface Place {
  /** Rows of the integration after a key, in the order of `key`. */
  readonly rowsAfter: (integrationId: string, after: string | null) => SQL
  readonly column: (name: keyof CustomerColumns) => SQL
  /** JSON that has the columns of the customer among others. It is made for what is found alone. */
  readonly whole: SQL
}

const PLACES: readonly Place[] = [
  {
    rowsAfter: (integrationId, after) => sql`
      select id, external_id, external_id as key, customer_external_id, customer_name, customer_phone, customer_email,
        customer_card
      from crm_transactions where integration_id = ${integrationId}::uuid and external_id > ${after ?? ''}
      order by external_id limit ${WINDOW_ROWS}::int`,
    column: (name) => sql.raw(`p.${name}`),
    whole: sql`to_jsonb(p)`,
  },
  {
    rowsAfter: (integrationId, after) => sql`
      select transaction_id as id, null::text as external_id, change_seq as key, before
      from transaction_changes where integration_id = ${integrationId}::uuid and change_seq > ${after ?? '0'}::bigint
      order by change_seq limit ${WINDOW_ROWS}::int`,
    column: (name) => sql.raw(`p.before ->> '${name}'`),
    whole: sql`p.before`,
  },
]

/** Everything that names the customer. It reads all that is stored of the integration. */
export async function findPerson({ db }: Pick<Context, 'db'>, integrationId: string, person: Person): Promise<Found> {
  const found: WindowRow['found'][number][] = []
  for (const { rowsAfter, column, whole } of PLACES) {
    for (let after: string | null = null; ;) {
      const { rows }: { rows: WindowRow[] } = await db.execute<WindowRow>(sql`
        with part as materialized (${rowsAfter(integrationId, after)})
        select (select max(key) from part having count(*) = ${WINDOW_ROWS}::int)::text as last, coalesce((
          select json_agg(json_build_object('id', p.id, 'external_id', p.external_id, 'customer', (
            select jsonb_object_agg(c.key, c.value) from jsonb_each(${whole}) c where starts_with(c.key, 'customer_'))))
          from part p
          where ${column('customer_phone')} = any (${arrayOf(person.phones)}::text[])
            or lower(btrim(${column('customer_email')})) = any (${arrayOf(person.emails)}::text[])
            or ${column('customer_external_id')} = any (${arrayOf(person.ids)}::text[])), '[]') as found`)
      found.push(...(rows[0]?.found ?? []))
      after = rows[0]?.last ?? null
      if (after === null) break
    }
  }
  return {
    transactionIds: [...new Set(found.map(({ id }) => id))],
    externalIds: found.flatMap(({ external_id: externalId }) => externalId ?? []),
    customers: found.map(({ customer }) => customer),
  }
}

export interface ErasedCounts {
  readonly sales: number
  readonly history: number
}

/** Throws an Error where the same customer comes back again and again. */
export async function erasePerson(context: Context, integrationId: string, person: Person): Promise<ErasedCounts> {
  const isOf = (customer: CustomerColumns) =>
    person.phones.includes(customer.customer_phone ?? '') ||
    person.emails.includes(emailOf(customer.customer_email ?? '')) ||
    person.ids.includes(customer.customer_external_id ?? '')
  let [sales, history] = [0, 0]
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    let left = 0
    const { transactionIds } = await findPerson(context, integrationId, person)
    for (let from = 0; from < transactionIds.length; from += BATCH_ROWS) {
      const stored = await statesOf(context, integrationId, transactionIds.slice(from, from + BATCH_ROWS))
      const erased = stored.map((states) => ({ ...states, ...eraseStates(states, isOf) }))
      const due = erased.filter(({ isErased, changes }) => isErased || changes.length > 0)
      left += due.length
      if (due.length === 0) continue
      const written = await write(context, integrationId, due)
      sales += written.sales
      history += written.history
    }
    if (left === 0) return { sales, history }
  }
  throw new Error('an erased customer comes back')
}

async function statesOf({ db }: Context, integrationId: string, ids: readonly string[]) {
  const { rows } = await db.execute<StoredStates & Record<string, unknown>>(sql`
    select t.id, t.change_seq::int8::float8 as change_seq, jsonb_build_object(
      'customer_external_id', t.customer_external_id, 'customer_name', t.customer_name,
      'customer_phone', t.customer_phone, 'customer_email', t.customer_email, 'customer_card', t.customer_card) as now,
      (select coalesce(json_agg(json_build_object('seq', h.change_seq, 'before', coalesce((
          select jsonb_object_agg(c.key, c.value) from jsonb_each(h.before) c where starts_with(c.key, 'customer_')), '{}'))
          order by h.change_seq desc), '[]')
        from transaction_changes h where h.transaction_id = t.id) as changes
    from crm_transactions t
    where t.integration_id = ${integrationId}::uuid and t.id = any (${arrayOf(ids)}::uuid[])`)
  return rows
}

type Due = Pick<StoredStates, 'id' | 'change_seq'> & ReturnType<typeof eraseStates>

/**
 * One transaction. A row that something has changed since it was read is left for the next round. The run of a row
 * stays its own, so an import can still be taken back.
 */
async function write({ db }: Context, integrationId: string, due: readonly Due[]): Promise<ErasedCounts> {
  const rows = JSON.stringify(due.map(({ id, change_seq: seq, isErased }) => ({ id, seq, is_erased: isErased })))
  const changes = JSON.stringify(due.flatMap(({ id, changes: own }) => own.map((change) => ({ id, ...change }))))
  const reserve = sql`change_seq = change_seq + ${due.length}::int`
  const [, , written] = await db.batch([
    db.execute(sql`update crm_integrations set ${reserve} where id = ${integrationId}::uuid`),
    db.execute(sql`update kept_integrations set ${reserve} where integration_id = ${integrationId}::uuid`),
    db.execute<{ sales: number; history: number }>(sql`
      with counter as materialized (
        select change_seq - ${due.length}::int as base from crm_integrations where id = ${integrationId}::uuid
        union all
        select change_seq - ${due.length}::int from kept_integrations where integration_id = ${integrationId}::uuid
      ), old as materialized (
        select t.id, t.change_seq, t.updated_at, d.is_erased, c.base + row_number() over (order by t.id) as seq
        from json_to_recordset(${rows}::json) as d(id uuid, seq bigint, is_erased boolean)
        join crm_transactions t on t.id = d.id and t.change_seq = d.seq, counter c
      ), updated as (
        update crm_transactions t set ${sql.raw(PERSONAL.map((column) => `${column} = null`).join(', '))},
          content_hash = null, change_seq = o.seq, updated_at = now()
        from old o where t.id = o.id and o.is_erased
        returning t.id
      ), feed_left as (
        delete from transaction_feed f using old o
        where o.is_erased and f.integration_id = ${integrationId}::uuid and f.change_seq = o.change_seq
      ), feed as (
        insert into transaction_feed (integration_id, change_seq, transaction_id)
        select ${integrationId}::uuid, o.seq, o.id from old o where o.is_erased
      ), history as (
        insert into transaction_changes (integration_id, change_seq, transaction_id, before, source)
        select ${integrationId}::uuid, o.seq, o.id,
          jsonb_build_object('change_seq', o.change_seq, 'updated_at', o.updated_at), 'erasure'
        from old o where o.is_erased
      ), rewritten as (
        -- A state as a whole, which an undo keeps, has a hash of what it says.
        update transaction_changes h
        set before = h.before - array['content_hash', ${sql.raw(COLUMN_NAMES)}] || c.before
        from json_to_recordset(${changes}::json) as c(id uuid, seq bigint, before jsonb) join old o on o.id = c.id
        where h.transaction_id = c.id and h.change_seq = c.seq
        returning h.change_seq
      )
      select (select count(*) from updated)::int as sales, (select count(*) from rewritten)::int as history`),
  ])
  return written.rows[0] ?? { sales: 0, history: 0 }
}

const COLUMN_NAMES = [...PERSONAL, 'customer_external_id'].map((column) => `'${column}'`).join(', ')
