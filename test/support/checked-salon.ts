// A salon of some days whose sales are stored, and its checks.
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { addDays, localDate } from '#lib/time.ts'
import { runSlice } from '#sync/run-slice.ts'
import { expireLease, openScheduled, query } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

export const ZONE = 'Europe/Moscow'

interface Days {
  readonly from: string
  readonly to: string
}

export async function createSalon(options: Parameters<typeof createSalonTenant>[0] = {}) {
  const salon = await createSalonTenant({ demo: true, days: 9, ...options })
  expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
  const today = localDate(salon.context.clock.now(), ZONE)
  const days = { from: addDays(today, -6), to: addDays(today, -1) }
  const all = await allTransactions(salon)
  const isOf = (day: string) => day > days.from && day <= days.to
  const sales = all.filter(({ status, occurredAt }) => status === 'paid' && isOf(localDate(new Date(occurredAt), ZONE)))
  return { salon, days, today, sales }
}

export async function begin({ call, path }: Salon, days: Days): Promise<string> {
  const { status, json, text } = await call('POST', `${path}/checks`, days)
  expect(status, text).toBe(202)
  return json.id
}

/** Begins to read, and dies with some pages kept. */
export async function dieAmidst(salon: Salon, runId: string): Promise<void> {
  const { context, sandbox } = salon
  let lists = 0
  sandbox.onList = () => {
    lists += 1
    if (lists === 4) context.outage.database = 'down'
  }
  context.messages.length = 0
  await expect(runSlice(context, runId)).rejects.toThrow()
  sandbox.onList = null
  context.outage.database = null
  await expireLease(salon)
}

export async function stagedOf(salon: Salon): Promise<number> {
  const rows = await query(
    salon,
    sql`
    select from check_records where integration_id = ${salon.integrationId}::uuid and outcome is null`,
  )
  return rows.length
}

/** A night's sync and the check behind it, whose days are the answer. */
export async function night(salon: Salon): Promise<unknown> {
  const runId = await openScheduled(salon)
  await query(salon, sql`update sync_runs set is_nightly = true where id = ${runId}::uuid`)
  await runSlice(salon.context, runId)
  const [opened] = await query(
    salon,
    sql`
    select cursor -> 'ranges' as ranges from sync_runs
    where integration_id = ${salon.integrationId}::uuid and task = 'check' and status = 'queued'`,
  )
  await salon.context.drain()
  return opened?.['ranges']
}

/** Lets a check that waits for a sync go on. */
export async function goOn(salon: Salon, runId: string): Promise<void> {
  await query(salon, sql`update sync_runs set resume_at = now() where id = ${runId}::uuid and status = 'waiting'`)
  await runSlice(salon.context, runId)
  await salon.context.drain()
}
