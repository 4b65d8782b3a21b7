// What is changed in the database behind the service's back, and what of it is still so.
import type { Service } from './service.ts'

export interface Tampered {
  readonly kind: 'missing' | 'extra' | 'different'
  /** Selects the row as it was left; of a missing one: that it is there again. */
  readonly isWrong: string
  /** As it was before. */
  readonly day: string
}

interface Where {
  readonly from: string
  readonly to: string
  readonly frozen: string | null
  readonly random: () => number
}

/** Of five sales, each changed in another way. */
const SETS_MAX = 4

interface Row {
  readonly external_id: string
  readonly day: string
}

/** Of a sale that is moved by a day both days are checked. */
export async function tamper(service: Service, id: string, where: Where): Promise<Map<string, Tampered>> {
  const rows = await service.query<Row>(`
    select external_id, (occurred_at at time zone 'Europe/Moscow')::date::text as day from crm_transactions
    where integration_id = '${id}' and status = 'paid'
      and (occurred_at at time zone 'Europe/Moscow')::date > '${where.from}'
      and (occurred_at at time zone 'Europe/Moscow')::date < '${where.to}'
      and coalesce(location_external_id, '') <> '${where.frozen ?? '-'}' order by external_id`)
  const tampered = new Map<string, Tampered>()
  const shuffled = rows.map((row) => ({ row, at: where.random() })).toSorted((a, b) => a.at - b.at)
  for (let n = 0; n < SETS_MAX; n += 1) {
    const [deleted, priced, cancelled, moved, copied] = shuffled.slice(n * 5, n * 5 + 5).map(({ row }) => row)
    if (!deleted || !priced || !cancelled || !moved || !copied) break
    const ghost = { ...copied, external_id: ghostOf(copied.external_id) }
    const of = (row: Row) => `integration_id = '${id}' and external_id = '${row.external_id}'`
    await service.query(`delete from crm_transactions where ${of(deleted)}`)
    await service.query(`update crm_transactions set amount_minor = amount_minor + 100 where ${of(priced)}`)
    await service.query(`update crm_transactions set status = 'cancelled' where ${of(cancelled)}`)
    await service.query(`update crm_transactions set occurred_at = occurred_at - interval '1 day' where ${of(moved)}`)
    await service.query(`insert into crm_transactions (business_id, integration_id, external_id, kind, status,
        amount_minor, currency, occurred_at, items, location_external_id, change_seq, seen_seq, settings_epoch)
      select business_id, integration_id, '${ghost.external_id}', kind, status, amount_minor, currency, occurred_at,
        items, location_external_id, change_seq, seen_seq, settings_epoch from crm_transactions where ${of(copied)}`)
    const asLeft = async (row: Row) => {
      const [left] = await service.query<{ state: string }>(
        `select format('amount_minor = %s and status = %L and occurred_at = %L', amount_minor, status, occurred_at)
          as state from crm_transactions where ${of(row)}`,
      )
      return `exists (select from crm_transactions where ${of(row)} and ${left?.state ?? 'true'})`
    }
    const add = (row: Row, kind: Tampered['kind'], isWrong: string) =>
      tampered.set(row.external_id, { kind, isWrong, day: row.day })
    for (const row of [priced, cancelled, moved]) add(row, 'different', await asLeft(row))
    add(ghost, 'extra', await asLeft(ghost))
    add(deleted, 'missing', `not exists (select from crm_transactions where ${of(deleted)})`)
  }
  return tampered
}

/** An id of the same form that no object has. */
function ghostOf(externalId: string): string {
  const guid = /[\da-f]{8}(?=-[\da-f]{4}-)/
  return guid.test(externalId) ? externalId.replace(guid, 'fffffff9') : `${externalId}99`
}

export async function stillWrong(
  service: Service,
  tampered: ReadonlyMap<string, Tampered>,
): Promise<ReadonlySet<string>> {
  const wrong = new Set<string>()
  for (const [externalId, { isWrong }] of tampered) {
    const [row] = await service.query<{ yes: boolean }>(`select ${isWrong} as yes`)
    if (row?.yes) wrong.add(externalId)
  }
  return wrong
}

/** How a run, and a check that was put in line with it, have ended. */
export async function startedAmong(service: Service, runId: string): Promise<'open' | 'succeeded' | 'failed'> {
  const rows = await service.query<{ status: string }>(`
    select r.status from sync_runs f join sync_runs r on r.integration_id = f.integration_id
      and (r.id = f.id or r.task = 'check' and r.created_at >= f.created_at)
    where f.id = '${runId}'`)
  if (rows.some(({ status }) => ['queued', 'running', 'waiting'].includes(status))) return 'open'
  return rows.every(({ status }) => status === 'succeeded') ? 'succeeded' : 'failed'
}
