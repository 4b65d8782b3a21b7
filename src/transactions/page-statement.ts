// The statement that writes a page is the second of its batch. The first locks the integration's row and reserves
// `reserved` change numbers, so the snapshot of this one is taken after the lock. The vendor's version decides which of
// two reads of an object is newer, else the change counter; where neither does, the object is read again. Each row is
// looked up by itself through the unique index (LATERAL … OFFSET 0): a join lets the planner scan the whole table.
import { type SQL, sql } from 'drizzle-orm'
import { ACTIVE, LIVE } from '#runs/states.ts'

export interface PageStatement {
  readonly integrationId: string
  readonly writer: RunWriter | HookWriter
  /**
   * The change counter from before the vendor was asked. Two reads of one object are compared by it and by no clock.
   */
  readonly snapshotSeq: number
  readonly reserved: number
  readonly rowsJson: string
  readonly quarantineJson: string
  readonly source: string
  /** Whether the connector can read one object again after two reads overlapped. */
  readonly canRecheck: boolean
}

/** A slice of a run. Its lease is the fence. It moves the run's cursor and counters, and the brake may stop it. */
interface RunWriter {
  readonly type: 'run'
  readonly leaseEpoch: number
  readonly runId: string
  /** The number of pages committed before this one: a batch that is sent twice writes once. */
  readonly ordinal: number
  readonly fetched: number
  /** How many of the fetched records are known not to be sales. */
  readonly skipped: number
  /** How many records of the page could be read. */
  readonly readable: number
  /** With this statement ends a page that is refused: it has no rows, and its unreadable records go to quarantine. */
  readonly endsRefused: boolean
  /** Null: the run's cursor stays, since more of the same page follows. */
  readonly cursorJson: string | null
  readonly progressDone: number | null
  readonly progressTotal: number | null
}

/** Objects that webhooks named, each read by itself. There is no lease: the settings epoch is the fence. */
interface HookWriter {
  readonly type: 'hook'
  readonly settingsEpoch: number
}

/**
 * The brake stops a run that would change at least 20 stored rows and more than a fifth of its period. Both numbers are
 * chosen, not measured. Below 20, an evening's corrections in a small shop would need a person. Far above it, a small
 * shop has no protection: a wrong time zone or an empty branch could rewrite all its sales.
 */
const BRAKE_ROWS_MIN = 20
/** A tenth would stop a price change that reaches back a few days; a half would let a lost branch of two pass. */
const BRAKE_ONE_IN = 5
/**
 * Rejected rows kept of one run. A file with more is wrong as a whole, and the first ones show how. Without a limit a
 * file of 1 GiB could store millions of rows that are never read; with a few hundred a person could not correct the
 * rows of a usual file in one pass.
 */
const REJECTED_MAX = 100_000

const COLUMNS = sql.raw(
  [
    'external_id text, gone boolean, missing boolean, kind text, status text, amount_minor bigint, currency text, occurred_at timestamptz',
    'customer_external_id text, customer_name text, customer_phone text, customer_email text, customer_card text',
    'items jsonb, location_external_id text, location_name text, source_updated_at timestamptz, alias text',
  ].join(', '),
)

const CONTENT = [
  ...['kind', 'status', 'amount_minor', 'currency', 'occurred_at'],
  ...['customer_external_id', 'customer_name', 'customer_phone', 'customer_email', 'customer_card'],
  ...['items', 'location_external_id', 'location_name'],
]

/** The new value of a column: a gone record keeps its content, and a sale that is no longer paid keeps its time. */
function next(column: string): string {
  if (column === 'status') return `case when g.gone then 'cancelled' else p.status end`
  if (column === 'occurred_at') {
    return `case when o.id is not null and (g.gone or p.status <> 'paid') then o.occurred_at else p.occurred_at end`
  }
  return `case when g.gone then o.${column} else p.${column} end`
}

const list = (each: (column: string) => string): SQL => sql.raw(CONTENT.map(each).join(', '))

/** What differs between the two writers. */
interface Parts {
  readonly fence: SQL
  readonly runId: string | null
  readonly skipped: number
  /** CTEs that record what was written: in the run, or in the integration's statistics and for the next page. */
  readonly progress: SQL
  readonly liveWaits: SQL
}

function runParts(run: RunWriter, quarantineJson: string): Parts {
  return {
    fence: sql`r.started_at as run_started_at, r.brake_off, r.brake_changed, r.quarantined, r.brake_window_from,
      r.brake_window_to, r.brake_window_rows
      from crm_integrations i join sync_runs r on r.id = ${run.runId}::uuid
      where i.lease_epoch = ${run.leaseEpoch}::bigint and r.status = 'running' and r.pages = ${run.ordinal}::int`,
    runId: run.runId,
    skipped: run.skipped,
    progress: sql`run as (
      update sync_runs r set pages = r.pages + 1, fetched = r.fetched + ${run.fetched}::int,
        inserted = r.inserted + c.inserted, updated = r.updated + c.updated, skipped = r.skipped + c.skipped,
        quarantined = r.quarantined + c.quarantined, readable = r.readable + ${run.readable}::int,
        newly_quarantined = r.newly_quarantined + (select count(*) from unreadable where is_new)::int,
        refused_pages = r.refused_pages + ${run.endsRefused ? 1 : 0}::int,
        unchanged = r.unchanged + ${run.fetched}::int - c.inserted - c.updated - c.skipped - c.quarantined,
        cursor = coalesce(${run.cursorJson}::jsonb, r.cursor), heartbeat_at = now(),
        -- A part of a page is no progress: a rest that kills its worker must use up the attempts.
        attempt = case when ${run.cursorJson}::jsonb is null then r.attempt else 0 end,
        deaths = case when ${run.cursorJson}::jsonb is null then r.deaths else 0 end,
        progress_done = coalesce(${run.progressDone}::int, r.fetched + ${run.fetched}::int),
        progress_total = coalesce(${run.progressTotal}::int, r.progress_total),
        brake_changed = r.brake_changed + c.updated, brake_window_from = c.brake_window_from,
        brake_window_to = c.brake_window_to, brake_window_rows = greatest(r.brake_window_rows, f.rows)
      from counts c, gate f where r.id = ${run.runId}::uuid
    ), rejected as ( -- rows of a file are kept with the run that read it
      insert into rejected_rows (run_id, line, column_name, reason, raw)
      select ${run.runId}::uuid, q.line, q.column_name, q.reason, q.raw
      from gate f, json_to_recordset(${quarantineJson}::json)
        as q(line bigint, column_name text, reason text, raw text)
      where q.line is not null and f.quarantined < ${REJECTED_MAX}::int
      on conflict do nothing)`,
    liveWaits: sql`exists (
      select from sync_runs l where l.integration_id = f.id and l.id <> ${run.runId}::uuid and l.trigger in ${LIVE}
        and l.status in ${ACTIVE} and (l.resume_at is null or l.resume_at <= now()))`,
  }
}

function hookParts({ settingsEpoch }: HookWriter): Parts {
  return {
    fence: sql`now() as run_started_at, true as brake_off, 0 as brake_changed, 0 as quarantined,
      null::timestamptz as brake_window_from, null::timestamptz as brake_window_to, 0 as brake_window_rows
      from crm_integrations i where i.settings_epoch = ${settingsEpoch}::int`,
    runId: null,
    skipped: 0,
    progress: sql`statistics as (
      update crm_integrations i set transactions_synced = i.transactions_synced + c.inserted + c.updated
      from counts c, gate f where i.id = f.id and c.inserted + c.updated > 0
    ), unpaid as ( -- for pages that were requested before this read
      insert into unpaid_observations (integration_id, external_id, version_at, seen_seq)
      select f.id, d.external_id, d.source_updated_at, f.base + d.n from classified d, gate f where d.outcome = 'skipped'
      on conflict (integration_id, external_id) do update set seen_seq = excluded.seen_seq, at = now(),
        version_at = greatest(unpaid_observations.version_at, excluded.version_at))`,
    liveWaits: sql`false`,
  }
}

/**
 * The other read is usually committed within seconds, and the recheck must come after it. At once, it would overlap the
 * same read again; much later, the sale stays outdated for as long. Chosen, not measured.
 */
export const RECHECK_SECONDS = 3

// oxlint-disable max-lines-per-function -- one statement of SQL is easier to read in one piece
/** Returns one row. No row: another worker has the lease, the run is not running, or the page is already written. */
export const pageStatement = (page: PageStatement): SQL => {
  const isHook = page.writer.type === 'hook'
  const parts = page.writer.type === 'hook' ? hookParts(page.writer) : runParts(page.writer, page.quarantineJson)
  return sql`
  with fence as materialized (
    select i.id, i.business_id, i.settings_epoch, i.change_seq - ${page.reserved}::bigint as base, i.change_seq as seq,
      i.page_seq, exists (select from unpaid_observations s where s.integration_id = i.id) as has_unpaid, ${parts.fence}
      and i.id = ${page.integrationId}::uuid
  ), incoming as (
    select x.* from fence, rows from (json_to_recordset(${page.rowsJson}::json) as (${COLUMNS})) with ordinality
      as x(external_id, gone, missing, ${list((c) => c)}, source_updated_at, alias, ord)
  ), page as (
    select distinct on (external_id) incoming.*,
      bool_or(status = 'paid' and not gone and not missing) over (partition by external_id) as ever_paid,
      first_value(external_id) over (
        partition by alias order by status = 'paid' and not gone and not missing desc nulls last, ord) as alias_owner
    from incoming order by external_id, source_updated_at desc nulls last, ord desc
  ), classified as materialized (
    select p.external_id, ${list((c) => `${next(c)} as ${c}`)}, p.source_updated_at, p.alias, o.id as old_id, v.outcome,
      row_number() over () as n, case when v.outcome = 'changed' then to_jsonb(o) end as before,
      o.occurred_at as stored_at, o.status as old_status,
      v.outcome = 'same' and (${isHook}::bool or o.missing_since is not null or o.settings_epoch < f.settings_epoch
        or p.source_updated_at > coalesce(o.version_at, '-infinity') or (o.alias is null and p.alias is not null)) as touch
    from page p cross join fence f
    left join lateral (
      select * from crm_transactions t where t.integration_id = f.id and t.external_id = p.external_id offset 0
    ) o on true
    -- A hook's read may have found the record unpaid meanwhile: then it is here and not in the table of sales.
    left join lateral (
      select * from unpaid_observations s where f.has_unpaid and o.id is null
        and s.integration_id = f.id and s.external_id = p.external_id offset 0
    ) u on true
    -- An earlier run under the same settings missed it too: this is the second complete scan without it.
    cross join lateral (select p.gone or (
      p.missing and coalesce(o.missing_since < f.run_started_at and o.settings_epoch = f.settings_epoch, false)) as gone
      offset 0) g
    cross join lateral (select case
      when o.id is null then case
        when not p.ever_paid or p.gone or p.missing or (p.alias is not null and p.alias_owner <> p.external_id) or exists (
          -- The same sale is already stored under the id of another feed.
          select from crm_transactions t where t.integration_id = f.id and t.alias = p.alias) then 'skipped'
        when p.source_updated_at < u.version_at then 'stale'
        when u.seen_seq > ${page.snapshotSeq}::bigint and not coalesce(p.source_updated_at > u.version_at, false) then 'overlap'
        else 'new' end
      when o.settings_epoch = f.settings_epoch and p.source_updated_at < o.version_at then 'stale'
      when p.missing and not g.gone then
        case when o.status = 'cancelled' or o.seen_seq > ${page.snapshotSeq}::bigint then 'ignored' else 'missed' end
      when (${list(next)}) is not distinct from (${list((c) => `o.${c}`)}) then 'same'
      when o.settings_epoch = f.settings_epoch and o.seen_seq > ${page.snapshotSeq}::bigint
        and not coalesce(p.source_updated_at > o.version_at, false) then 'overlap'
      else 'changed' end as outcome offset 0) v
  ), counts as materialized (
    select count(*) filter (where outcome = 'new')::int as inserted,
      count(*) filter (where outcome = 'changed')::int as updated,
      count(*) filter (where outcome = 'changed' and status = 'cancelled' and old_status <> 'cancelled')::int as cancelled,
      count(*) filter (where outcome = 'skipped')::int + ${parts.skipped}::int as skipped,
      (select count(*) from json_array_elements(${page.quarantineJson}::json))::int as quarantined,
      least(f.brake_window_from, min(stored_at)) as brake_window_from,
      greatest(f.brake_window_to, max(stored_at)) as brake_window_to
    from fence f left join classified on true group by f.brake_window_from, f.brake_window_to
  ), brake as materialized ( -- counts the period again only when the changes have doubled, and only as far as needed
    select case
      when f.brake_off or c.updated = 0 or f.brake_changed + c.updated < ${BRAKE_ROWS_MIN}::int then null
      when f.brake_window_rows >= (f.brake_changed + c.updated) * ${BRAKE_ONE_IN}::int then f.brake_window_rows
      else (
        select count(*)::int from (
          select from crm_transactions t
          where t.integration_id = f.id and t.occurred_at >= c.brake_window_from and t.occurred_at <= c.brake_window_to
          limit (f.brake_changed + c.updated) * ${2 * BRAKE_ONE_IN}::int) window_rows) end as rows
    from fence f, counts c
  ), gate as materialized (
    select f.*, b.rows from fence f, counts c, brake b
    where b.rows is null or b.rows >= (f.brake_changed + c.updated) * ${BRAKE_ONE_IN}::int
  ), inserted as (
    insert into crm_transactions (business_id, integration_id, external_id, ${list((c) => c)}, source_updated_at,
      version_at, seen_seq, settings_epoch, change_seq, run_id, alias)
    select f.business_id, f.id, d.external_id, ${list((c) => `d.${c}`)}, d.source_updated_at,
      d.source_updated_at, f.base + d.n, f.settings_epoch, f.base + d.n, ${parts.runId}::uuid, d.alias
    from classified d, gate f where d.outcome = 'new'
  ), updated as (
    update crm_transactions t set ${list((c) => `${c} = d.${c}`)},
      source_updated_at = coalesce(d.source_updated_at, t.source_updated_at),
      version_at = case when t.settings_epoch < f.settings_epoch then coalesce(d.source_updated_at, t.version_at)
        else greatest(t.version_at, d.source_updated_at) end,
      seen_seq = f.base + d.n, settings_epoch = f.settings_epoch, missing_since = null, change_seq = f.base + d.n,
      run_id = ${parts.runId}::uuid, updated_at = now(), alias = coalesce(t.alias, d.alias)
    from classified d, gate f where d.outcome = 'changed' and t.id = d.old_id
  ), touched as ( -- equal content, read by a hook, with a newer version or an alias, under new settings or after a miss
    update crm_transactions t set
      version_at = case when t.settings_epoch < f.settings_epoch then coalesce(d.source_updated_at, t.version_at)
        else greatest(t.version_at, d.source_updated_at) end,
      seen_seq = f.base + d.n, settings_epoch = f.settings_epoch, missing_since = null, alias = coalesce(t.alias, d.alias)
    from classified d, gate f where d.touch and t.id = d.old_id
  ), missed as ( -- under new settings the count of misses and the versions start again
    update crm_transactions t set
      missing_since = case when t.settings_epoch < f.settings_epoch then now() else coalesce(t.missing_since, now()) end,
      version_at = case when t.settings_epoch < f.settings_epoch then null else t.version_at end,
      settings_epoch = f.settings_epoch
    from classified d, gate f where d.outcome = 'missed' and t.id = d.old_id
  ), history as (
    insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, run_id)
    select f.id, f.base + d.n, d.old_id, d.before, ${page.source}, ${parts.runId}::uuid
    from classified d, gate f where d.outcome = 'changed'
  ), recheck as (
    -- Two reads overlapped and no version says which is newer; or a page was written since the hook's read began, and a
    -- page leaves no trace in rows that it found equal. The vendor is asked once more, after both.
    insert into webhook_deliveries (integration_id, kind, dedupe_key, hints, due_at)
    select f.id, 'recheck', 'recheck:' || d.external_id, jsonb_build_array(jsonb_build_object('externalId', d.external_id)),
      now() + ${RECHECK_SECONDS}::int * interval '1 second'
    from classified d, gate f where ${page.canRecheck}::bool and (d.outcome = 'overlap'
      or (${isHook}::bool and d.outcome in ('new','changed') and f.page_seq > ${page.snapshotSeq}::bigint))
    on conflict (integration_id, dedupe_key) do update set status = 'new', due_at = excluded.due_at, attempts = 0,
      repeats = webhook_deliveries.repeats + 1, reason = null, done_at = null, received_at = now()
    returning id
  ), unreadable as (
    insert into quarantined_records (integration_id, record_key, external_id, reason, raw, run_id)
    select distinct on (q.record_key) f.id, q.record_key, q.external_id, q.reason, q.raw, ${parts.runId}::uuid
    from gate f, json_to_recordset(${page.quarantineJson}::json)
      as q(record_key text, external_id text, reason text, raw jsonb, line bigint)
    where q.line is null
    on conflict (integration_id, record_key) do update set reason = excluded.reason, raw = excluded.raw,
      run_id = excluded.run_id, times = quarantined_records.times + 1, last_seen_at = now()
    returning xmax = 0 as is_new
  ), readable as ( -- a record that maps again leaves quarantine
    delete from quarantined_records q using gate f
    where q.integration_id = f.id and q.record_key in (select p.external_id from page p where not p.missing)
      and exists (select from quarantined_records any_of where any_of.integration_id = f.id)
  ), ${parts.progress}
  select f.seq, not exists (select from gate) as braked, b.rows, f.brake_changed, c.inserted, c.updated, c.cancelled,
    c.brake_window_from, c.brake_window_to, (select count(*) from recheck)::int as rechecks, ${parts.liveWaits} as live_waits
  from fence f, counts c, brake b`
}
