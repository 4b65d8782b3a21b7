// Four workers that take the same run from each other, with stalls inside their transactions, and one reader of the
// feed. Every change is a new record, so one that the reader skips is not made good by a later one.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { createDb } from '#db/client.ts'
import { seeded } from '#dev/sandbox/faults.ts'
import { createLog } from '#lib/log.ts'
import { takeRun } from '#sync/take-run.ts'
import { type Position, writePage } from '#sync/write-page.ts'
import { listChanges } from '#transactions/list.ts'
import { type Bed, createBed } from './bed.ts'

const STALL_MS_MAX = 15
const PAGE_MAX = 40
const READ_MAX = 200

interface GapOptions {
  readonly changes: number
  readonly writers: number
  readonly seed: number
}

interface GapReport {
  readonly changes: number
  readonly writers: number
  readonly polls: number
  readonly pagesWritten: number
  readonly writesRefused: number
  readonly takeovers: number
  readonly wrong: { readonly missed: number; readonly doubled: number; readonly outOfOrder: number }
}

export async function gap({ changes, writers, seed }: GapOptions): Promise<GapReport> {
  const bed = await createBed()
  const random = seeded(seed)
  // Between the statements of a write and before its commit; what the reader asks is one statement and not held up.
  bed.proxy.switches.onStatement = async () => sleep(random() * STALL_MS_MAX)
  const seen = { polls: 0, pagesWritten: 0, writesRefused: 0, takeovers: 0, missed: 0, doubled: 0, outOfOrder: 0 }
  let written = 0
  try {
    const { rows } = await bed.pool.query<{ id: string }>(
      `insert into sync_runs (integration_id, trigger, status, settings_epoch, brake_off) values ($1, 'manual', 'queued', 0, true) returning id`,
      [bed.integrationId],
    )
    const runId = rows[0]?.id ?? ''
    const context = contextOf(bed)
    const write = async (name: string) => {
      for (let made = 0; written < changes;) {
        await bed.pool.query(
          `update crm_integrations set lease_until = now() - interval '1 second' where lease_until is not null`,
        )
        const run = await takeRun(context, runId)
        if (!run) continue
        seen.takeovers += 1
        let position: Position | null = { pages: run.pages, changeSeq: run.changeSeq, liveWaits: false }
        while (position !== null && written < changes) {
          const count = 1 + Math.floor(random() * PAGE_MAX)
          const records = Array.from({ length: count }, (_, n) => record(`${name}:${made + n}`))
          position = await writePage(context, run, position, { records, cursor: {} })
          if (position === null) seen.writesRefused += 1
          else {
            made += count
            written += count
            seen.pagesWritten += 1
          }
          if (random() < 0.2) break
        }
      }
    }
    const known = new Set<string>()
    let after = 0
    const read = async () => {
      const page = await listChanges(context, {
        integrationId: bed.integrationId,
        tenant: null,
        after,
        limit: READ_MAX,
      })
      seen.polls += 1
      for (const { externalId, changeSeq } of page?.items ?? []) {
        if (changeSeq <= after) seen.outOfOrder += 1
        if (known.has(externalId)) seen.doubled += 1
        known.add(externalId)
      }
      after = page?.nextAfter ?? after
      return page?.items.length ?? 0
    }
    let isWriting = true
    const reading = (async () => {
      while (isWriting || (await read()) > 0) await read()
    })()
    await Promise.all(Array.from({ length: writers }, async (_, n) => write(`w${n}`)))
    isWriting = false
    await reading
    const stored = await bed.pool.query<{ external_id: string }>('select external_id from crm_transactions')
    const missed = stored.rows.filter(({ external_id: id }) => !known.has(id)).length
    const { doubled, outOfOrder, missed: _, ...told } = seen
    return { changes: stored.rows.length, writers, ...told, wrong: { missed, doubled, outOfOrder } }
  } finally {
    await bed.close()
  }
}

function contextOf({ databaseUrl, endpoint }: Bed): Context {
  const db = createDb({ databaseUrl, endpoint, fetch: async (input, init) => fetch(input, init) })
  const context: Pick<Context, 'db' | 'log'> = { db, log: createLog() }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- neither reading nor writing asks for more
  return context as Context
}

function record(externalId: string): MappedRecord {
  const at = '2026-11-01T09:30:00Z'
  const transaction = {
    ...({ externalId, kind: 'sale', status: 'paid', amountMinor: 10_000, currency: 'RUB', occurredAt: at } as const),
    ...{ customer: null, items: [], location: null, sourceUpdatedAt: null },
  }
  return { type: 'transaction', transaction }
}
