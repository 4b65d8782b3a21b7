// After the storm: is everything there, once, and do all the numbers agree?
import { isDeepStrictEqual } from 'node:util'
import type { LedgerEntry } from '#sandbox/yclients/ledger.ts'
import type { Reader, Row } from './reader.ts'
import type { Service } from './service.ts'
import type { Integration } from './salons.ts'

export interface Finding {
  readonly transactions: number
  readonly runs: Readonly<Record<string, number>>
  readonly feedPolls: number
  readonly pagesWritten: number
  /** Paid in an answer that was lost, and no longer paid when next read. */
  readonly neverSeenPaid: number
  /** What must all be 0. */
  readonly wrong: {
    readonly ledgerMismatches: number
    readonly duplicates: number
    readonly activeRuns: number
    readonly statistics: number
    readonly readersBehind: number
    readonly historyMismatches: number
    readonly sequenceErrors: number
  }
  readonly examples: readonly unknown[]
}

export async function inspect(
  service: Service,
  integrations: readonly Integration[],
  readers: readonly Reader[],
): Promise<Finding> {
  const examples: unknown[] = []
  const result = { transactions: 0, ledgerMismatches: 0, readersBehind: 0, neverSeenPaid: 0, feedPolls: 0 }
  for (const [index, { id, salon }] of integrations.entries()) {
    const rows = await allRows(service, id)
    const reader = readers[index]
    result.transactions += rows.size
    result.feedPolls += reader?.polls ?? 0
    if (!reader || !isDeepStrictEqual(new Map([...reader.rows].toSorted(byKey)), new Map([...rows].toSorted(byKey)))) {
      result.readersBehind += 1
    }
    for (const entry of salon.sandbox.salon.ledger()) {
      const row = rows.get(entry.externalId)
      rows.delete(entry.externalId)
      if (!row && entry.status !== 'paid') result.neverSeenPaid += 1
      else if (!row || !isDeepStrictEqual(entryOf(row), entry)) {
        result.ledgerMismatches += 1
        examples.push({ id, stored: row && entryOf(row), expected: entry })
      }
    }
    result.ledgerMismatches += rows.size
    for (const row of rows.values()) examples.push({ id, stored: entryOf(row), expected: null })
  }
  const { transactions, feedPolls, neverSeenPaid, ledgerMismatches, readersBehind } = result
  const numbers = await checkNumbers(service)
  return {
    ...{ transactions, feedPolls, neverSeenPaid, ...numbers.counts },
    wrong: { ledgerMismatches, readersBehind, ...numbers.wrong },
    examples: examples.slice(0, 5),
  }
}

interface TransactionPage {
  readonly items: readonly Row[]
  readonly nextCursor: string | null
}

const byKey = ([a]: readonly [string, Row], [b]: readonly [string, Row]) => (a < b ? -1 : 1)

async function allRows(service: Service, id: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const search: string = cursor && `&cursor=${cursor}`
    const { json } = await service.call<TransactionPage>(
      'GET',
      `/v1/integrations/${id}/transactions?limit=200${search}`,
    )
    for (const item of json.items) rows.set(item.externalId, item)
    cursor = json.nextCursor
  }
  return rows
}

function entryOf(row: Row): LedgerEntry {
  return {
    externalId: row.externalId,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- held by a check in the database
    status: row.status as LedgerEntry['status'],
    amountMinor: row.amountMinor,
    occurredAt: new Date(row.occurredAt).toISOString(),
    phone: row.customer?.phone ?? null,
    customerId: row.customer?.externalId ?? null,
    items: row.items.map(({ externalId, amountMinor }) => ({ externalId, amountMinor })),
  }
}

async function checkNumbers({ query }: Service) {
  const number = async (text: string) => (await query<{ n: number }>(`select (${text})::int as n`))[0]?.n ?? Number.NaN
  const runs = await query<{ status: string; n: number }>(
    'select status, count(*)::int as n from sync_runs group by status order by status',
  )
  // A check of the night moves no statistics.
  const ofIntegration = `from sync_runs r where r.integration_id = i.id and r.task in ('pull','quarantine')`
  const ended = `${ofIntegration} and r.status in`
  return {
    counts: {
      runs: Object.fromEntries(runs.map(({ status, n }) => [status, n])),
      pagesWritten: await number('select sum(pages) from sync_runs'),
    },
    wrong: {
      duplicates: await number(
        'select count(*) from (select from crm_transactions group by integration_id, external_id having count(*) > 1) d',
      ),
      // What the schedule has begun since the integrations came to rest may still be at work.
      activeRuns: await number(
        `select count(*) from sync_runs where status in ('queued','running','waiting') and trigger <> 'schedule'`,
      ),
      statistics: await number(`select count(*) from crm_integrations i where
        i.successful_syncs <> (select count(*) ${ended} ('succeeded')) or i.failed_syncs <> (select count(*) ${ended} ('failed'))
        or i.total_syncs <> i.successful_syncs + i.failed_syncs
        or i.transactions_synced <> (select coalesce(sum(r.inserted + r.updated), 0) ${ended} ('succeeded','failed','cancelled'))
        or exists (select ${ofIntegration}
          and r.fetched <> r.inserted + r.updated + r.unchanged + r.skipped + r.quarantined)
        or (select count(*) from crm_transactions t where t.integration_id = i.id)
          <> (select coalesce(sum(inserted), 0) from sync_runs r where r.integration_id = i.id)`),
      historyMismatches: await number(`select count(*) from crm_integrations i where
        (select count(*) from transaction_changes c where c.integration_id = i.id)
          <> (select coalesce(sum(updated), 0) from sync_runs r where r.integration_id = i.id)`),
      feedMismatches: await number(`select count(*) from crm_transactions t
        full join transaction_feed f on f.transaction_id = t.id and f.change_seq = t.change_seq
        where t.id is null or f.transaction_id is null`),
      sequenceErrors: await number(`select count(*) from crm_integrations i where
        i.change_seq < (select max(change_seq) from crm_transactions t where t.integration_id = i.id)
        or exists (select from crm_transactions t where t.integration_id = i.id group by change_seq having count(*) > 1)`),
    },
  }
}
