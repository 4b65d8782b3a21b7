import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'

/** Counting stops here: any larger number means the same, and counting millions of rows is slow. */
const COUNT_MAX = 100_000

const count = z.int().nonnegative()

export const InboxHealth = z.lazy(() =>
  z.strictObject({
    waiting: count.meta({ description: 'Webhooks that wait to be processed.' }),
    oldest: z
      .strictObject({
        integrationId: z.guid().meta({ description: 'Whose it is.' }),
        dueAt: z.iso.datetime().meta({ description: 'When it was due.' }),
        lateSeconds: count.meta({ description: 'How late it is.' }),
      })
      .nullable()
      .meta({ description: 'The webhook that is overdue the longest.' }),
    failedLastDay: count.meta({ description: 'Webhooks that were given up within the last day.' }),
    rejectedLastDay: count.meta({ description: 'Webhooks that were unverified or unreadable within the last day.' }),
    refusals: z
      .array(
        z.strictObject({
          crmType: z.string().meta({ description: 'The CRM that sent them.' }),
          refused: count.meta({ description: 'How many were refused.' }),
          stored: count.meta({ description: 'How many were stored.' }),
          share: z.number().min(0).max(1).meta({ description: 'The refused of all of them.' }),
        }),
      )
      .meta({
        description: 'Webhooks since yesterday that were not answered with 200; vendors block addresses for that.',
      }),
  }),
)
export type InboxHealth = z.infer<typeof InboxHealth>

interface HealthRow extends Record<string, unknown> {
  waiting: number
  failed: number
  rejected: number
  integration_id: string | null
  due_at: string | null
  late_seconds: number | null
  refusals: readonly { crm_type: string; refused: number; stored: number }[] | null
}

export async function inboxHealth({ db }: Context): Promise<InboxHealth> {
  const { rows } = await db.execute<HealthRow>(sql`
    select (select count(*)::int from (
        select from webhook_deliveries where status = 'new' limit ${COUNT_MAX}::int) w) as waiting,
      ended.failed, ended.rejected, late.integration_id, late.due_at,
      extract(epoch from now() - late.due_at)::int as late_seconds,
      (select jsonb_agg(jsonb_build_object('crm_type', r.crm_type, 'refused', r.refused, 'stored', (
          select count(*) from (select from crm_integrations i cross join lateral (
            select from webhook_deliveries d where d.integration_id = i.id and d.received_at >= current_date - 1
              and d.status <> 'rejected' offset 0) d
            where i.crm_type = r.crm_type limit ${COUNT_MAX}::int) s)) order by r.crm_type)
        from (select crm_type, sum(answers)::int as refused from webhook_refusals
          where day >= current_date - 1 group by crm_type) r) as refusals
    from (
      select count(*) filter (where status = 'failed')::int as failed,
        coalesce(sum(repeats + 1) filter (where status = 'rejected'), 0)::int as rejected
      from (select status, repeats from webhook_deliveries where received_at > now() - interval '1 day'
        and status in ('failed','rejected') limit ${COUNT_MAX}::int) d) ended
    left join lateral (
      select integration_id, due_at from webhook_deliveries where status = 'new' and due_at < now()
      order by due_at limit 1) late on true`)
  const [row] = rows
  if (!row) throw new Error('a row of counts was expected')
  const { integration_id: integrationId, due_at: dueAt, late_seconds: lateSeconds } = row
  return {
    waiting: row.waiting,
    oldest:
      integrationId && dueAt
        ? { integrationId, dueAt: isoInstant(dueAt), lateSeconds: Math.max(lateSeconds ?? 0, 0) }
        : null,
    failedLastDay: row.failed,
    rejectedLastDay: row.rejected,
    refusals: (row.refusals ?? []).map(({ crm_type: crmType, refused, stored }) => {
      const share = Math.round((refused / (refused + stored)) * 1000) / 1000
      return { crmType, refused, stored, share }
    }),
  }
}
