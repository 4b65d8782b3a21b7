// The history of sales over a year of partitions: what reads and takes back must not depend on how many there are.
import { takeRun } from '#sync/take-run.ts'
import { undoSteps } from '#sync/undo-steps.ts'
import { startOf } from '#sync/write-page.ts'
import type { BenchEnv } from './env.ts'
import { explain, type Plan } from './explain.ts'

const IMPORTED = 1000

/** One change of each stored transaction, spread over a year. */
export async function storeHistory({ pool, integrationId }: BenchEnv): Promise<void> {
  await pool.query(`select make_months('transaction_changes', now() - interval '1 year', now())`)
  await pool.query(
    `insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, at)
      select integration_id, change_seq, id, '{"amount_minor": 1}', 'schedule', now() - change_seq % 365 * interval '1 day'
      from crm_transactions where integration_id = $1`,
    [integrationId],
  )
  await pool.query('vacuum analyze')
}

/** Of one that lies in the middle. */
export async function storedId({ pool, integrationId }: BenchEnv, rows: number): Promise<string> {
  const { rows: found } = await pool.query<{ id: string }>(
    'select id from crm_transactions where integration_id = $1 and external_id = $2',
    [integrationId, `stored:${Math.floor(rows / 2)}`],
  )
  return found[0]?.id ?? ''
}

/** A step of the undo of an import that has changed a thousand stored transactions. */
export async function explainUndo(env: BenchEnv, name: string): Promise<Plan> {
  const { pool, integrationId } = env
  // What the bench before has left at work.
  await pool.query(`update sync_runs set status = 'cancelled', finished_at = now() where finished_at is null`)
  await pool.query('update crm_integrations set lease_run_id = null, lease_until = null')
  const { rows } = await pool.query<{ import: string; undo: string }>(
    `with seq as (
        select change_seq from crm_integrations where id = $1
      ), import as (
        insert into sync_runs (id, import_id, integration_id, trigger, status, settings_epoch, from_seq, finished_at)
        select g.id, g.id, $1, 'import', 'succeeded', 0, change_seq - $2, now() from seq, gen_random_uuid() g(id)
        returning id, from_seq
      ), undo as (
        insert into sync_runs (import_id, integration_id, trigger, task, status, settings_epoch, from_seq)
        select id, $1, 'import', 'undo', 'queued', 0, from_seq from import returning id
      ), imported as (
        update crm_transactions t set run_id = i.id from import i
        where t.integration_id = $1 and t.change_seq > i.from_seq returning t.id, t.change_seq)
      insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, run_id)
      select $1, t.change_seq, t.id, '{"amount_minor": 2}', 'import', i.id from imported t, import i
      returning run_id as import, (select id from undo) as undo`,
    [integrationId, IMPORTED],
  )
  const context = env.openContext()
  const run = await takeRun(context, rows[0]?.undo ?? '')
  if (!run) throw new Error('the undo was not to be taken')
  const step = await undoSteps(context, run)
  return explain(env, name, async () => step(startOf(run)))
}
