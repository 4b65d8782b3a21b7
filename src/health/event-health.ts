import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'

/** Counting stops here: any larger number means the same, and counting millions of rows is slow. */
const COUNT_MAX = 100_000
/** The cron looks every second, and a worker that dies holds an endpoint for a minute. */
const UNATTENDED_SECONDS = 10 * 60

const count = z.int().nonnegative()

export const EventHealth = z.lazy(() =>
  z.strictObject({
    waiting: count.meta({ description: 'Events that wait to be sent, those between two tries included.' }),
    oldest: z
      .strictObject({
        endpointId: z.guid().meta({ description: 'Whom it is for.' }),
        dueAt: z.iso.datetime().meta({ description: 'When it was due.' }),
        lateSeconds: count.meta({ description: 'How late it is.' }),
      })
      .nullable()
      .meta({ description: 'The event that is overdue the longest; its endpoint may be slow, or fail.' }),
    unattended: count.meta({
      description:
        'Endpoints with an event that has been due for 10 minutes in which no worker has sent them anything.',
    }),
  }),
)
export type EventHealth = z.infer<typeof EventHealth>

interface HealthRow extends Record<string, unknown> {
  readonly waiting: number
  readonly endpoint_id: string | null
  readonly due_at: string | null
  readonly late_seconds: number | null
  readonly unattended: number
}

/** One index lookup for each endpoint that something waits for, however much that is. */
export async function eventHealth({ db }: Context): Promise<EventHealth> {
  const { rows } = await db.execute<HealthRow>(sql`
    with recursive first as (
      (select endpoint_id, due_at from event_deliveries where status = 'waiting' order by endpoint_id, due_at limit 1)
      union all
      select n.* from first f, lateral (
        select endpoint_id, due_at from event_deliveries d
        where d.status = 'waiting' and d.endpoint_id > f.endpoint_id order by endpoint_id, due_at limit 1) n
    ), due as (
      select f.endpoint_id, f.due_at, e.worked_at
      from first f join event_endpoints e on e.id = f.endpoint_id where e.is_enabled and f.due_at <= now())
    select
      (select count(*)::int from (
        select from event_deliveries where status = 'waiting' limit ${COUNT_MAX}::int) w) as waiting,
      o.endpoint_id, o.due_at, extract(epoch from now() - o.due_at)::int as late_seconds,
      (select count(*)::int from due
        where greatest(due_at, worked_at) < now() - ${UNATTENDED_SECONDS}::int * interval '1 second') as unattended
    from (select) one left join lateral (select * from due order by due_at limit 1) o on true`)
  const [row] = rows
  if (!row) throw new Error('a row of counts was expected')
  const { waiting, endpoint_id: endpointId, due_at: dueAt, late_seconds: lateSeconds, unattended } = row
  const oldest = endpointId && dueAt ? { endpointId, dueAt: isoInstant(dueAt), lateSeconds: lateSeconds ?? 0 } : null
  return { waiting, oldest, unattended }
}
