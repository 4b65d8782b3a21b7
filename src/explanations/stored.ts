// What is stored of one record: the sale, what is in quarantine, and what brought the sale first.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { presentQuarantined, type QuarantinedRecord, type QuarantineRow } from '#quarantine/list.ts'
import type { Explanation } from '#explanations/schema.ts'
import type { Language } from '#lib/localized.ts'
import { presentTransaction, type Transaction, type TransactionRow } from '#transactions/schema.ts'

/** How long before a sale was stored its webhook may have come. */
const HOOK_HOURS = 1

interface FoundRow extends Record<string, unknown> {
  sale: TransactionRow | null
  quarantined: QuarantineRow | null
  run_id: string | null
  line: string | null
  run_trigger: NonNullable<Explanation['cameBy']>['trigger']
  hook_id: string | null
  namesake: string | null
}

export interface Stored {
  readonly sale: Transaction | null
  readonly quarantined: QuarantinedRecord | null
  readonly cameBy: Explanation['cameBy']
  /** The id under which the same sale of another feed is stored. */
  readonly namesake: string | null
}

interface Sought extends TenantScope {
  readonly externalId: string
  /** By which feeds of one vendor name the same sale. */
  readonly alias: string | null
  readonly language: Language
  readonly isOfFile: boolean
}

export async function findStored(context: Context, sought: Sought): Promise<Stored> {
  const { externalId, alias, language, isOfFile } = sought
  // With all changes taken back it is what it was at first, and names the run that had brought it.
  const { rows } = await context.db.execute<FoundRow>(sql`
    select to_jsonb(t) as sale, to_jsonb(q) as quarantined, b.run_id, b.line, r.trigger as run_trigger,
      d.id as hook_id, a.external_id as namesake
    from crm_integrations i
    left join crm_transactions t on t.integration_id = i.id and t.external_id = ${externalId}
    left join quarantined_records q on q.integration_id = i.id and q.record_key = ${externalId}
    left join lateral (
      select f.first ->> 'run_id' as run_id, f.first ->> 'source_line' as line from (
        select to_jsonb(t) || coalesce(jsonb_merge(h.before order by h.change_seq desc), '{}') as first
        from transaction_changes h where h.transaction_id = t.id) f
    ) b on true
    left join sync_runs r on r.integration_id = i.id and r.id = b.run_id::uuid
    left join lateral (
      select d.id from webhook_deliveries d
      where t.id is not null and b.run_id is null and d.integration_id = i.id and d.received_at <= t.created_at
        and d.received_at > t.created_at - ${HOOK_HOURS}::int * interval '1 hour'
        and d.hints @> jsonb_build_array(jsonb_build_object('externalId', ${externalId}::text))
      order by d.received_at desc limit 1
    ) d on true
    left join lateral (
      select a.external_id from crm_transactions a where a.integration_id = i.id and a.alias = ${alias}
        and a.external_id <> ${externalId} limit 1
    ) a on true
    where ${isVisible(sought)}`)
  const [row] = rows
  const sale = row?.sale ?? null
  return {
    sale: sale && presentTransaction(sale),
    quarantined: row?.quarantined ? presentQuarantined(row.quarantined, { showsRaw: true, language }) : null,
    cameBy: row && sale ? cameBy(row, sale, isOfFile) : null,
    namesake: row?.namesake ?? null,
  }
}

function cameBy(row: FoundRow, sale: TransactionRow, isOfFile: boolean): Explanation['cameBy'] {
  const at = isoInstant(sale.created_at)
  if (row.run_id === null) return { kind: 'hook', id: row.hook_id, trigger: null, line: null, at }
  const kind = isOfFile || row.run_trigger === 'import' ? 'file' : 'run'
  return { kind, id: row.run_id, trigger: row.run_trigger, line: row.line === null ? null : Number(row.line), at }
}
