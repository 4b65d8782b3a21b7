import { and, eq, gte, lt } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { ACTIONS } from '#audit/actions.ts'
import { isoInstant } from '#db/columns.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { audit } from '#db/schema/audit.ts'
import { Instant } from '#lib/instant.ts'

const AuditFilter = z.strictObject({
  businessId: z.guid().optional().meta({ description: 'Only what concerns this business.' }),
  integrationId: z.guid().optional().meta({ description: 'Only what concerns this integration.' }),
  action: z.enum(ACTIONS).optional().meta({ description: 'Only this.' }),
  subject: z.string().min(1).optional().meta({ description: 'Only what this subject did.' }),
  from: Instant.optional().meta({ description: '`at` or after this time.' }),
  to: Instant.optional().meta({ description: '`at` before this time.' }),
})

const CONDITIONS: Conditions<z.infer<typeof AuditFilter>> = {
  businessId: (id) => eq(audit.businessId, id),
  integrationId: (id) => eq(audit.integrationId, id),
  action: (action) => eq(audit.action, action),
  subject: (subject) => eq(audit.actorSubject, subject),
  from: (from) => gte(audit.at, from),
  to: (to) => lt(audit.at, to),
}

export const ListAudit = Paging.extend(AuditFilter.shape)

export const AuditLine = z
  .lazy(() =>
    z.strictObject({
      id: z.guid().meta({ description: 'The line.' }),
      at: z.iso.datetime().meta({ description: 'When it was done.' }),
      actor: z
        .strictObject({
          subject: z.string().meta({ description: 'The `sub` of the token; else which part of the service.' }),
          scope: z.string().meta({
            description: 'The scope that allowed it; `system`: nobody asked for it; `vendor`: the CRM said so.',
          }),
        })
        .meta({ description: 'Who had it done.' }),
      action: z.string().meta({ description: 'What was done. More values may come.' }),
      businessId: z.guid().nullable().meta({ description: 'Null: it concerns the whole service.' }),
      integrationId: z.guid().nullable().meta({ description: 'Null: it concerns no integration.' }),
      requestId: z.string().nullable().meta({ description: '`X-Request-Id` of the request; null: there was none.' }),
      changes: z.array(z.string()).meta({ description: 'Names of the fields that were given. Never values.' }),
    }),
  )
  .meta({ id: 'AuditLine', description: 'One change, and who made it.' })
export type AuditLine = z.infer<typeof AuditLine>

const newest = keyset({ at: [audit.at, 'timestamptz'], id: [audit.id, 'uuid'] })

/** Newest first. Throws Problem `invalid_request` for a foreign cursor. */
export async function listAudit(context: Context, request: z.infer<typeof ListAudit>): Promise<Page<AuditLine>> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await context.db
    .select()
    .from(audit)
    .where(and(matches(request, CONDITIONS), isAfter))
    .orderBy(order)
    .limit(limit)
  const { items, nextCursor } = toPage(rows)
  return { items: items.map(present), nextCursor }
}

function present({ at, actorSubject: subject, actorScope: scope, ...line }: typeof audit.$inferSelect): AuditLine {
  return { ...line, at: isoInstant(at), actor: { subject, scope } }
}
