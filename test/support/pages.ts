// The page write, driven without a vendor: a run taken for real and pages made by hand.
import { type SQL, sql } from 'drizzle-orm'
import type { CanonicalTransaction, MappedRecord, Page } from '#crm/contract.ts'
import { takeRun, type TakenRun } from '#sync/take-run.ts'
import { type Position, startOf, writePage } from '#sync/write-page.ts'
import { type Connected, createSalonTenant, type Salon } from '#test/tenants.ts'

export function transaction(externalId: string, change: Partial<CanonicalTransaction> = {}): MappedRecord {
  return {
    type: 'transaction',
    rule: { code: 'sold' },
    transaction: {
      externalId,
      kind: 'sale',
      status: 'paid',
      amountMinor: 10_000,
      currency: 'RUB',
      occurredAt: '2026-11-01T09:30:00Z',
      customer: { externalId: '7', name: 'Анна', phone: '+79001234567', email: null, card: null },
      items: [{ externalId: '1', name: 'Стрижка', quantity: 1, amountMinor: 10_000 }],
      location: null,
      sourceUpdatedAt: '2026-11-01T10:00:00Z',
      ...change,
    },
  }
}

export function gone(externalId: string): MappedRecord {
  return { type: 'gone', externalId, sourceUpdatedAt: null }
}

export interface Writer {
  readonly salon: Salon
  readonly run: TakenRun
  /** Writes a page after the last one; null when the write was refused. */
  readonly write: (records: readonly MappedRecord[], from?: Position) => Promise<Position | null>
  readonly position: () => Position
}

export async function take(salon: Salon): Promise<TakenRun> {
  const { json } = await salon.call('POST', `${salon.path}/sync`)
  const run = await takeRun(salon.context, json.id)
  if (!run) throw new Error('the run was not to be taken')
  return run
}

/** `trigger`: what the run pretends to have been started by. */
export async function createWriter(known?: Salon, trigger?: TakenRun['trigger']): Promise<Writer> {
  const salon = known ?? (await createSalonTenant())
  const taken = await take(salon)
  const run = trigger ? { ...taken, trigger } : taken
  let position: Position = startOf(run)
  const write: Writer['write'] = async (records, from = position) => {
    const page: Page<unknown> = { records, cursor: { at: from.pages + 1 } }
    const written = await writePage(salon.context, run, from, page)
    if (written) position = written
    return written
  }
  return { salon, run, write, position: () => position }
}

/** Lets a run change as much as it likes. */
export async function releaseBrake({ salon, run }: Writer): Promise<void> {
  await query(salon, sql`update sync_runs set brake_off = true where id = ${run.id}::uuid`)
}

/** One row of what a query of the test selects. */
export async function query({ context }: Pick<Connected, 'context'>, statement: SQL) {
  const { rows } = await context.db.execute(statement)
  return rows
}

/** A run as the schedule opens it; its id. */
export async function openScheduled({
  context,
  integrationId,
}: Pick<Salon, 'context' | 'integrationId'>): Promise<string> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    insert into sync_runs (integration_id, trigger, status, settings_epoch)
    select id, 'schedule', 'queued', settings_epoch from crm_integrations where id = ${integrationId}::uuid returning id`)
  return rows[0]?.id ?? ''
}

export async function integrationOf(salon: Salon) {
  return (await salon.call('GET', salon.path)).json
}

export async function runOf(salon: Pick<Salon, 'call' | 'path'>, id: string) {
  return (await salon.call('GET', `${salon.path}/runs/${id}`)).json
}

/** Lets the lease of whoever works on the integration run out, as after a worker's death. */
export async function expireLease(salon: Salon) {
  await query(
    salon,
    sql`update crm_integrations set lease_until = now() - interval '1 second' where id = ${salon.integrationId}::uuid`,
  )
}

/** Drops the messages that a tick has sent about other tests' integrations, which were due in the same database. */
export async function keepOwn({ context, integrationId }: Pick<Salon, 'context' | 'integrationId'>): Promise<void> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    select id from sync_runs where integration_id = ${integrationId}::uuid`)
  const own = new Set(rows.map(({ id }) => id))
  const ownPart = (message: (typeof context.messages)[number]) => {
    const { body } = message
    if (body.kind === 'endpoint') return []
    if ('integrationId' in body) return body.integrationId === integrationId ? [message] : []
    if (body.kind !== 'runs') return [message]
    const runIds = body.runIds.filter((id) => own.has(id))
    return runIds.length > 0 ? [{ ...message, body: { ...body, runIds } }] : []
  }
  context.messages.splice(0, Infinity, ...context.messages.flatMap(ownPart))
}

/** The runs that messages not yet taken name. */
export function sentRuns({ context }: Salon): string[] {
  return context.messages.flatMap(({ body }) => (body.kind === 'runs' ? body.runIds : []))
}
