// The audit: who changed what, when. A line is written by the statement or in the batch that makes the change, so it is
// there exactly when the change is, and it holds names of fields and never a value. Nothing here changes or reads one.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Action } from '#audit/actions.ts'

export interface Change {
  readonly action: Action
  /** Names of what was changed, as the API has them. */
  readonly changes?: readonly string[]
}

/**
 * Adds a line for each row of `subjects`, which has the columns `business_id` and `integration_id`; without a row there
 * is none. It is a statement of a batch, or the body of a CTE behind the one that makes the change.
 */
export function auditLines({ actor }: Pick<Context, 'actor'>, { action, changes = [] }: Change, subjects: SQL): SQL {
  return sql`insert into audit (actor_subject, actor_scope, request_id, action, changes, business_id, integration_id)
    select ${actor.subject}::text, ${actor.scope}::text, ${actor.requestId}::text, ${action}::text,
      array(select json_array_elements_text(${JSON.stringify(changes)}::json)), s.business_id, s.integration_id
    from (${subjects}) s`
}

/** For `auditLines`: one integration, as it is when the statement runs. */
export function ofIntegration(integrationId: string): SQL {
  return sql`select i.business_id, i.id as integration_id from crm_integrations i where i.id = ${integrationId}::uuid`
}

/** For `auditLines`: each integration that the rows of a CTE name by `integration_id`. */
export function ofIntegrationsIn(cte: string): SQL {
  return sql`select i.business_id, i.id as integration_id from crm_integrations i
    where i.id in (select integration_id from ${sql.raw(cte)})`
}

/** For `auditLines`: a business, or null for what concerns the whole service. */
export function ofBusiness(businessId: string | null): SQL {
  return sql`select ${businessId}::uuid as business_id, null::uuid as integration_id`
}

/**
 * The names of the members of a request's body, those of credentials each. What they are called is no secret.
 */
export function namesOf(body: object): string[] {
  return Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    name === 'credentials' && typeof value === 'object' && value !== null
      ? Object.keys(value).map((credential) => `credentials.${credential}`)
      : value === undefined
        ? []
        : [name],
  )
}
