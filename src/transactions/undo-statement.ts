// Takes back what an import brought. A row belongs to the run that brought its present state (`run_id`): rows of the
// import that something changed since belong to another run and are left alone. A row that the import inserted becomes
// cancelled; one that it changed gets the state from before its first change, with the run that had brought that.
import { type SQL, sql } from 'drizzle-orm'
import { liveWaits } from '#runs/next-in-line.ts'

/**
 * Stored rows that one statement reads, in the order of their change numbers. As many as a page writes, so the lock is
 * held for a fraction of a second.
 */
export const UNDO_ROWS = 1000

export interface UndoStatement {
  readonly integrationId: string
  readonly importId: string
  readonly runId: string
  readonly leaseEpoch: number
  /** The number of steps committed before this one: a batch that is sent twice writes once. */
  readonly ordinal: number
  /** Rows with change numbers above `after`, up to `upTo`, are still to be read. */
  readonly after: number
  readonly upTo: number
  /** Rows that the import brought and no undo has taken back. */
  readonly total: number
}

const CONTENT = [
  ...['kind', 'status', 'amount_minor', 'currency', 'occurred_at'],
  ...['customer_external_id', 'customer_name', 'customer_phone', 'customer_email', 'customer_card'],
  ...['items', 'location_external_id', 'location_name'],
]

const columns = (each: (column: string) => string): SQL => sql.raw(CONTENT.map(each).join(', '))

const RESTORED = [...CONTENT, 'source_updated_at', 'version_at', 'undone', 'source_line']

/** The new value of a column: `s` is the stored row, `b` the one from before the import, whose id is null for none. */
function former(column: string): string {
  if (column === 'status') return `case when b.id is null then 'cancelled' else b.status end`
  if (column === 'undone') return `case when b.id is null then true else coalesce(b.undone, false) end`
  return `case when b.id is null then s.${column} else b.${column} end`
}

/** Selects changes `c` by which the import replaced what something else had brought. */
const REPLACED = sql`c.run_id in (select id from imports)
  and not coalesce((c.before ->> 'run_id')::uuid in (select id from imports), false)`

/** Leaves out the partitions from before the import. A clock that was set back meanwhile was so by less than a day. */
const SINCE_IMPORT = (alias: string): SQL =>
  sql`${sql.raw(alias)}.at >= (select min(created_at) - interval '1 day' from imports)`

/** The runs of an import, as a CTE `imports`. */
const importsCte = (importId: string): SQL =>
  sql`imports as materialized (
    select id, created_at from sync_runs where import_id = ${importId}::uuid and task = 'pull')`

/**
 * A CTE `undoing` behind `scanned` and `imports`: what each row of the import in `scanned` becomes. A row without a
 * former state was inserted by the import, so it cannot be older: of one that is, the history is gone.
 */
const undoingCte = (changes: SQL): SQL => sql`undoing as (
    select s.id, s.status as old_status, s.currency as old_currency, s.amount_minor as old_amount,
      ${sql.raw(RESTORED.map((column) => `${former(column)} as ${column}`).join(', '))}, b.id is not null as is_restored, b.run_id,
      (${columns(former)}) is distinct from (${columns((column) => `s.${column}`)}) as is_changed
    from scanned s
    left join ${changes}
    left join lateral (
      select p.* from jsonb_populate_record(null::crm_transactions, to_jsonb(s) || c.taken_back) p
      where c.taken_back is not null
    ) b on true
    where s.run_id in (select id from imports)
      and (b.id is not null or s.created_at >= (select min(created_at) from imports)))`

// oxlint-disable max-lines-per-function -- one statement of SQL is easier to read in one piece
/**
 * One step of an undo, the second statement of a batch that reserved UNDO_ROWS change numbers. Returns one row. No row:
 * another worker has the lease, the run is not running, or the step is already written.
 */
export const undoStatement = (step: UndoStatement): SQL => sql`
  with fence as materialized (
    select i.id, i.change_seq - ${UNDO_ROWS}::bigint as base, i.change_seq as seq, r.fetched, r.updated
    from crm_integrations i join sync_runs r on r.id = ${step.runId}::uuid
    where i.id = ${step.integrationId}::uuid and i.lease_epoch = ${step.leaseEpoch}::bigint and r.status = 'running'
      and r.pages = ${step.ordinal}::int
  ), ${importsCte(step.importId)}, scanned as materialized (
    select s.* from fence f cross join lateral (
      select t.* from transaction_feed c cross join lateral (
        select * from crm_transactions t where t.id = c.transaction_id offset 0) t
      where c.integration_id = f.id and c.change_seq > ${step.after}::bigint and c.change_seq <= ${step.upTo}::bigint
      order by c.change_seq limit ${UNDO_ROWS}::int) s
  ), ${undoingCte(sql`lateral (
      select (
        select jsonb_merge(h.before order by h.change_seq desc) from transaction_changes h
        where h.transaction_id = s.id and h.change_seq >= c.change_seq and ${SINCE_IMPORT('h')}) as taken_back
      from transaction_changes c where c.transaction_id = s.id and ${SINCE_IMPORT('c')} and ${REPLACED}
      order by c.change_seq desc limit 1) c on true`)}, numbered as materialized (
    select u.*, case when u.is_changed then f.base + row_number() over (order by u.is_changed desc, u.id) end as seq
    from undoing u, fence f
  ), updated as (
    update crm_transactions t set ${sql.raw(RESTORED.map((column) => `${column} = u.${column}`).join(', '))},
      run_id = case when u.is_restored then u.run_id else ${step.runId}::uuid end,
      -- Under another id, the sale of this name may come again.
      alias = case when u.is_restored then t.alias end,
      missing_since = null, content_hash = null, seen_seq = coalesce(u.seq, t.seen_seq), change_seq = coalesce(u.seq, t.change_seq),
      updated_at = case when u.is_changed then now() else t.updated_at end
    from numbered u where t.id = u.id
  ), feed_left as (
    delete from transaction_feed c using fence f, scanned s join numbered u on u.id = s.id
    where u.is_changed and c.integration_id = f.id and c.change_seq = s.change_seq
  ), feed as (
    insert into transaction_feed (integration_id, change_seq, transaction_id)
    select f.id, u.seq, u.id from fence f, numbered u where u.is_changed
  ), history as (
    insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, run_id)
    select f.id, u.seq, u.id, to_jsonb(s), 'undo', ${step.runId}::uuid
    from fence f, numbered u join scanned s on s.id = u.id where u.is_changed
  ), counts as materialized (
    select s.last_seq, f.updated + u.updated as updated,
      -- The last step counts what no step met: something has changed it since the import.
      case when s.last_seq = ${step.upTo}::bigint then ${step.total}::int else f.fetched + u.fetched end as fetched
    from fence f, (
      select case when count(*) < ${UNDO_ROWS}::int then ${step.upTo}::bigint else max(change_seq) end as last_seq
      from scanned) s, (
      select count(*)::int as fetched, count(*) filter (where is_changed)::int as updated from undoing) u
  ), run as (
    update sync_runs r set pages = r.pages + 1, fetched = c.fetched, updated = c.updated,
      unchanged = c.fetched - c.updated, heartbeat_at = now(), attempt = 0, deaths = 0,
      progress_done = c.fetched, progress_total = ${step.total}::int,
      cursor = jsonb_build_object('importId', ${step.importId}::text, 'after', c.last_seq, 'upTo', ${step.upTo}::bigint,
        'total', ${step.total}::int)
    from counts c where r.id = ${step.runId}::uuid
  )
  select f.seq, c.last_seq, ${liveWaits(sql`f.id`, step.runId)} as live_waits from fence f, counts c`
// oxlint-enable max-lines-per-function

/**
 * What an undo of the import would do now. Returns one row. It reads all rows at once, so it finds the changes of the
 * import in their own order instead of one by one.
 */
export const undoPreview = (integrationId: string, importId: string, fromSeq: number): SQL => sql`
  with ${importsCte(importId)}, scanned as (
    select t.* from transaction_feed c join crm_transactions t on t.id = c.transaction_id
    where c.integration_id = ${integrationId}::uuid and c.change_seq > ${fromSeq}::bigint
      and t.run_id in (select id from imports)
  ), ${undoingCte(sql`(
      select distinct on (c.transaction_id) c.transaction_id, c.taken_back from (
        select h.transaction_id, h.change_seq, h.run_id, h.before,
          jsonb_merge(h.before) over (partition by h.transaction_id order by h.change_seq desc) as taken_back
        from transaction_changes h
        where h.integration_id = ${integrationId}::uuid and h.change_seq > ${fromSeq}::bigint) c
      where ${REPLACED} order by c.transaction_id, c.change_seq desc) c on c.transaction_id = s.id`)}, changed as materialized (
    select old_status, old_currency, old_amount, status, currency, amount_minor, is_restored from undoing where is_changed
  ), paid as (
    select old_currency as currency, -old_amount as amount from changed where old_status = 'paid'
    union all select currency, amount_minor from changed where status = 'paid'
  )
  select count(*) filter (where not is_restored)::int as cancelled, count(*) filter (where is_restored)::int as restored,
    (select coalesce(jsonb_agg(jsonb_build_object('currency', p.currency, 'amountMinor', p.amount) order by p.currency), '[]')
      from (select currency, sum(amount) as amount from paid group by currency) p) as paid_change
  from changed`

/** How many rows an import brought, less those that an undo has taken back. Returns one row. */
export const broughtRows = (integrationId: string, importId: string, fromSeq: number): SQL => sql`
  with ${importsCte(importId)}
  select (
    select coalesce(sum(case r.task when 'pull' then r.inserted else -r.updated end), 0)::int
    from sync_runs r where r.import_id = ${importId}::uuid
  ) + (
    select count(distinct c.transaction_id)::int from transaction_changes c
    where c.integration_id = ${integrationId}::uuid and c.change_seq > ${fromSeq}::bigint
      and c.run_id in (select id from imports)
      and not exists ( -- rows that the import inserted itself
        select from transaction_changes o where o.transaction_id = c.transaction_id and o.change_seq <= c.change_seq
          and o.change_seq > ${fromSeq}::bigint and (o.before ->> 'run_id')::uuid in (select id from imports))
  ) as rows`
