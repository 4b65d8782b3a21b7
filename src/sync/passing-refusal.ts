// Some refusals pass by themselves. The integration's row remembers the one that is there, until a success.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmError } from '#lib/crm-error.ts'

/** Part of an update of `crm_integrations`. */
const NO_PASSING_REFUSAL = sql.raw('passing_refusal = null, passing_refusal_since = null')

/**
 * Remembers a refusal, and answers for how many seconds it has been there. `isOurs` selects the integration by the
 * alias `i`; after a success (`isNew`) the time begins anew.
 */
export async function rememberRefusal(
  context: Context,
  { kind, reason }: Pick<CrmError, 'kind' | 'reason'>,
  { isOurs, isNew }: { readonly isOurs: SQL; readonly isNew: boolean },
): Promise<number> {
  const code = reason === null ? kind : `${kind}.${reason}`
  const { rows } = await context.db.execute<{ seconds: number }>(sql`
    update crm_integrations i set passing_refusal = ${code}, passing_refusal_since =
      case when i.passing_refusal = ${code} and not ${isNew}::bool then i.passing_refusal_since else now() end
    where ${isOurs} returning extract(epoch from now() - i.passing_refusal_since)::float8 as seconds`)
  return rows[0]?.seconds ?? 0
}

/** After a success outside a run, whose own end forgets it. */
export async function forgetRefusal(
  context: Context,
  { id, isRefusedForNow }: { readonly id: string; readonly isRefusedForNow: boolean },
): Promise<void> {
  if (!isRefusedForNow) return
  await context.db.execute(sql`update crm_integrations set ${NO_PASSING_REFUSAL} where id = ${id}::uuid`)
}
