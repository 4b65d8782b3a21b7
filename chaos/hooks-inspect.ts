// After the kills: was everything that was acknowledged processed, and has nothing happened twice?
import { setTimeout as sleep } from 'node:timers/promises'
import type { HookSalon } from './hook-salons.ts'
import type { Service } from './service.ts'

export interface HookFinding {
  readonly deliveries: number
  readonly acknowledged: number
  readonly transactions: number
  readonly neverSeenPaid: number
  readonly changes: number
  /** Seconds after the last delivery until all was processed. */
  readonly secondsToRest: number
  /** What must all be 0. */
  readonly wrong: {
    readonly unacknowledged: number
    readonly acknowledgedLost: number
    readonly notProcessed: number
    readonly ledgerMismatches: number
    readonly doubleEffects: number
  }
  readonly examples: readonly unknown[]
}

/** A lease, a lost message's grace, and the tries that a delivery has. */
const REST_MS = 300_000

interface Row {
  readonly externalId: string
  readonly status: string
  readonly amountMinor: number
}

export async function inspectHooks(
  service: Service,
  salons: readonly HookSalon[],
  unacknowledged: number,
): Promise<HookFinding> {
  const secondsToRest = await untilProcessed(service, salons)
  const wrong = { unacknowledged, acknowledgedLost: 0, notProcessed: 0, ledgerMismatches: 0, doubleEffects: 0 }
  const counts = { deliveries: 0, acknowledged: 0, transactions: 0, neverSeenPaid: 0, changes: 0 }
  const examples: unknown[] = []
  for (const salon of salons) {
    const inbox = await inboxOf(service, salon)
    counts.deliveries += inbox.size
    counts.acknowledged += salon.acknowledged.size
    for (const key of salon.acknowledged) {
      const status = inbox.get(key)
      if (status === undefined) wrong.acknowledgedLost += 1
      else if (status !== 'done') wrong.notProcessed += 1
      if (status !== 'done') examples.push({ id: salon.id, key, status: status ?? 'lost' })
    }
    const rows = await rowsOf(service, salon)
    const books = ledgerOf(salon)
    counts.transactions += rows.size
    for (const id of new Set([...rows.keys(), ...books.keys()])) {
      if (rows.get(id) === books.get(id)) continue
      // It was paid in an answer to a worker that was killed with it, and no longer paid when it was next read.
      if (!rows.has(id) && !books.get(id)?.startsWith('paid')) {
        counts.neverSeenPaid += 1
        continue
      }
      wrong.ledgerMismatches += 1
      examples.push({ id, stored: rows.get(id), expected: books.get(id) })
    }
    const effects = await effectsOf(service, salon)
    counts.changes += effects.changes
    wrong.doubleEffects += effects.doubled
  }
  return { secondsToRest, ...counts, wrong, examples: examples.slice(0, 5) }
}

/** Seconds until all that was acknowledged is in an inbox, and no inbox holds anything that waits. */
export async function untilProcessed(service: Service, salons: readonly HookSalon[]): Promise<number> {
  const startedAt = Date.now()
  while (Date.now() - startedAt < REST_MS && !(await isProcessed(service, salons))) await sleep(500)
  return Math.round((Date.now() - startedAt) / 1000)
}

async function isProcessed(service: Service, salons: readonly HookSalon[]): Promise<boolean> {
  const [row] = await service.query<{ n: number }>(
    `select count(*)::int as n from webhook_deliveries where status = 'new'`,
  )
  if (row?.n !== 0) return false
  for (const salon of salons) {
    const inbox = await inboxOf(service, salon)
    // What the queue holds is delivered when its pause is over.
    if ([...salon.acknowledged].some((key) => !inbox.has(key))) return false
  }
  return true
}

async function inboxOf({ query }: Service, { id }: HookSalon): Promise<Map<string, string>> {
  const rows = await query<{ dedupe_key: string; status: string }>(
    `select dedupe_key, status || coalesce(' ' || reason, '') as status from webhook_deliveries where integration_id = '${id}' and kind = 'hook'`,
  )
  return new Map(rows.map((row) => [row.dedupe_key, row.status]))
}

const asText = ({ status, amountMinor }: Omit<Row, 'externalId'>) => `${status} ${amountMinor}`

/** Through the API, as the loyalty product reads it. */
async function rowsOf({ call }: Service, { id }: HookSalon): Promise<Map<string, string>> {
  const rows = new Map<string, string>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const search: string = cursor && `&cursor=${cursor}`
    const path = `/v1/integrations/${id}/transactions?limit=200${search}`
    const { json } = await call<{ items: Row[]; nextCursor: string | null }>('GET', path)
    for (const row of json.items) rows.set(row.externalId, asText(row))
    cursor = json.nextCursor
  }
  return rows
}

function ledgerOf({ sandbox: { salon } }: HookSalon): Map<string, string> {
  return new Map(salon.ledger().map((entry) => [entry.externalId, asText(entry)]))
}

/**
 * Each change is in the history with what was before it. One that changes nothing, a number given twice, or a count
 * that is not the sum of what was inserted and changed, is an effect too many.
 */
async function effectsOf({ query }: Service, { id }: HookSalon): Promise<{ changes: number; doubled: number }> {
  const [row] = await query<{ changes: number; doubled: number }>(`
    with versions as (
      select external_id, change_seq, status, amount_minor from crm_transactions where integration_id = '${id}'
      union all
      select external_id, (before ->> 'change_seq')::bigint, before ->> 'status', (before ->> 'amount_minor')::bigint
      from (
        select t.external_id, to_jsonb(t) || jsonb_merge(c.before) over (
          partition by t.id order by c.change_seq desc) as before
        from transaction_changes c join crm_transactions t on t.id = c.transaction_id
        where c.integration_id = '${id}') changes
    ), steps as (
      select *, lag(status) over w as old_status, lag(amount_minor) over w as old_amount from versions
      window w as (partition by external_id order by change_seq)
    )
    select (select count(*) from transaction_changes where integration_id = '${id}')::int as changes,
      (count(*) filter (where status = old_status and amount_minor = old_amount)
        + count(*) - count(distinct change_seq)
        + abs(count(*) - (select transactions_synced from crm_integrations where id = '${id}')))::int as doubled
    from steps`)
  return row ?? { changes: 0, doubled: 0 }
}
