// Four workers that take the same run from each other, with stalls inside their transactions, and one reader of the
// feed. Every change is a new record, so no later one repairs what the reader skips.
import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { seeded } from '#sandbox/faults.ts'
import { takeRun } from '#sync/take-run.ts'
import { type Position, startOf, writePage } from '#sync/write-page.ts'
import { listChanges } from '#transactions/list.ts'
import type { OpenDatabase } from '#bench/database.ts'
import { addRun, type BenchEnv, withEnv } from '#bench/env.ts'

/** A stall of up to 15 ms after a writer's lock, before it reads what is stored, and one before its commit. */
const STALLS = `
  create function stall() returns trigger language plpgsql as $$
    begin perform pg_sleep(random() * 0.015); return null; end $$;
  create trigger behind_lock after update of change_seq, lease_epoch on crm_integrations for each row execute function stall();
  create constraint trigger before_commit after update of change_seq, lease_epoch on crm_integrations
    deferrable initially deferred for each row execute function stall()`
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

export async function proveGap(open: OpenDatabase, { changes, writers, seed }: GapOptions): Promise<GapReport> {
  return withEnv(open, async (env) => {
    const random = seeded(seed)
    await env.pool.query(STALLS)
    const runId = await addRun(env.pool, env.integrationId)
    const stage = { context: env.openContext(), env, runId, changes, random, isWriting: true }
    const counts = { pagesWritten: 0, writesRefused: 0, takeovers: 0, written: 0 }
    const reading = follow(stage)
    await Promise.all(Array.from({ length: writers }, async (_, n) => write(stage, counts, `w${n}`)))
    stage.isWriting = false
    const { known, ...read } = await reading
    const stored = await env.pool.query<{ external_id: string }>('select external_id from crm_transactions')
    const missed = stored.rows.filter(({ external_id: id }) => !known.has(id)).length
    const { polls, doubled, outOfOrder } = read
    const { pagesWritten, writesRefused, takeovers } = counts
    const numbers = { writers, polls, pagesWritten, writesRefused, takeovers }
    return { changes: stored.rows.length, ...numbers, wrong: { missed, doubled, outOfOrder } }
  })
}

interface Stage {
  readonly context: Context
  readonly env: BenchEnv
  readonly runId: string
  readonly changes: number
  readonly random: () => number
  isWriting: boolean
}

interface Counts {
  pagesWritten: number
  writesRefused: number
  takeovers: number
  written: number
}

/** Takes the run from its holder, writes until it is taken away again, and so on. */
async function write({ context, env, runId, changes, random }: Stage, counts: Counts, name: string): Promise<void> {
  let made = 0
  while (counts.written < changes) {
    await env.pool.query(
      `update crm_integrations set lease_until = now() - interval '1 second' where lease_until is not null`,
    )
    const run = await takeRun(context, runId)
    if (!run) continue
    counts.takeovers += 1
    let position: Position | null = startOf(run)
    while (counts.written < changes) {
      const count = 1 + Math.floor(random() * PAGE_MAX)
      const from = made
      const records = Array.from({ length: count }, (_, n) => record(`${name}:${from + n}`))
      position = await writePage(context, run, position, { records, cursor: {} })
      if (position === null) {
        counts.writesRefused += 1
        break
      }
      made += count
      counts.written += count
      counts.pagesWritten += 1
      if (random() < 0.2) break
    }
  }
}

/** Reads the feed until the writing is over and nothing new comes. */
async function follow(stage: Stage) {
  const { context, env } = stage
  const known = new Set<string>()
  const counts = { polls: 0, doubled: 0, outOfOrder: 0 }
  let after = 0
  for (;;) {
    const isLast = !stage.isWriting
    const page = await listChanges(context, { integrationId: env.integrationId, tenant: null, after, limit: READ_MAX })
    const items = page?.items ?? []
    counts.polls += 1
    for (const { externalId, changeSeq } of items) {
      if (changeSeq <= after) counts.outOfOrder += 1
      if (known.has(externalId)) counts.doubled += 1
      known.add(externalId)
    }
    after = page?.nextAfter ?? after
    if (isLast && items.length === 0) return { known, ...counts }
  }
}

function record(externalId: string): MappedRecord {
  const at = '2026-11-01T09:30:00Z'
  const transaction = {
    ...({ externalId, kind: 'sale', status: 'paid', amountMinor: 10_000, currency: 'RUB', occurredAt: at } as const),
    ...{ customer: null, items: [], location: null, sourceUpdatedAt: null },
  }
  return { type: 'transaction', transaction, rule: { code: 'sold' } }
}
