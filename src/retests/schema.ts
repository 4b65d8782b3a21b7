import * as z from 'zod'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'

const count = z.int().nonnegative()

export const Retest = z
  .strictObject({
    id: z.guid().meta({ description: 'Its id.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was ordered.' }),
    total: count.meta({ description: 'Connections of this order; one that is deleted meanwhile no longer counts.' }),
    waiting: count.meta({ description: 'Those that were not tested yet.' }),
    ok: count.meta({ description: 'Those that work.' }),
    failed: count.meta({ description: 'Those that do not. Their integrations show it.' }),
    unanswered: count.meta({ description: 'Those whose CRM did not answer three times: they show what they did.' }),
    nextAt: z.iso.datetime().nullable().meta({ description: 'When the next test is due; null: none waits.' }),
    lastAt: z.iso.datetime().nullable().meta({ description: 'When the last one is due, as it is planned now.' }),
    leftOut: count.meta({
      description: 'Integrations that the filter matched and this order did not take. Those tested last come last.',
    }),
  })
  .meta({ id: 'Retest', description: 'Connections that are tested again, one after the other.' })
export type Retest = z.infer<typeof Retest>

export interface RetestRow extends Record<string, unknown> {
  id: string
  left_out: number
  created_at: string
  total: number
  waiting: number
  ok: number
  failed: number
  unanswered: number
  next_at: string | null
  last_at: string | null
}

export function presentRetest(row: RetestRow): Retest {
  const { id, total, waiting, ok, failed, unanswered } = row
  return {
    ...{ id, createdAt: isoInstant(row.created_at), total, waiting, ok, failed, unanswered },
    ...{ nextAt: isoInstantOrNull(row.next_at), lastAt: isoInstantOrNull(row.last_at), leftOut: row.left_out },
  }
}
