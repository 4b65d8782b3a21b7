import { and, eq, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Check, LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { CrmError } from '#lib/crm-error.ts'
import { findForSession, type HookColumns } from '#integrations/queries.ts'
import { openSession, type SessionRow } from '#connections/session.ts'
import { webhookCapability } from '#integrations/webhook-capability.ts'
import { presentSample, SampleTransaction } from '#transactions/schema.ts'

export const ConnectionReport = z
  .strictObject({
    ok: z.boolean(),
    checkedAt: z.iso.datetime(),
    latencyMs: z.int().nonnegative(),
    account: z
      .strictObject({
        externalId: z.string(),
        name: z.string(),
        timezone: z.string().nullable(),
        currency: z.string().nullable(),
      })
      .nullable(),
    capabilities: z.array(
      z.strictObject({ name: z.string(), required: z.boolean(), ok: z.boolean(), detail: z.string() }),
    ),
    sample: z.array(SampleTransaction).max(3),
  })
  .meta({ id: 'ConnectionReport' })
export type ConnectionReport = z.infer<typeof ConnectionReport>

export interface TestRequest {
  readonly language: keyof LocalizedText
  /** Tells where the service is reached when PUBLIC_URL does not. */
  readonly requestUrl: string
}

/** Asks the CRM everything a sync will ask, by the same code. Never throws for what the CRM does. */
export async function testConnection(
  context: Context,
  row: SessionRow & HookColumns,
  { language, requestUrl }: TestRequest,
): Promise<ConnectionReport> {
  const checkedAt = context.clock.now()
  const found = await runCheck(context, row, requestUrl)
  const latencyMs = context.clock.now().getTime() - checkedAt.getTime()
  const ok = found.capabilities.every((capability) => capability.ok || !capability.required)
  context.log.info('connection_tested', {
    integrationId: row.id,
    ok,
    latencyMs,
    failed: found.capabilities.filter((capability) => !capability.ok).map(({ name }) => name),
  })
  return {
    ok,
    checkedAt: checkedAt.toISOString(),
    latencyMs,
    account: found.account,
    capabilities: found.capabilities.map(({ name, required, ok: works, detail }) => ({
      name,
      required,
      ok: works,
      detail: detail[language],
    })),
    sample: found.sample.map((transaction) => presentSample(transaction, row)),
  }
}

async function runCheck(context: Context, row: SessionRow & HookColumns, requestUrl: string): Promise<Check> {
  const connector = connectorOf(row.crmType)
  try {
    const session = await openSession(context, row)
    const found = await connector.check(session)
    // A CRM that does not even show the account is not asked for more.
    if (!connector.webhook || !found.account) return found
    const hooks = await webhookCapability(context, row, { session, requestUrl })
    return { ...found, capabilities: [...found.capabilities, hooks] }
  } catch (error) {
    const known = error instanceof CrmError ? error : new CrmError('internal', { cause: error })
    if (known !== error) context.log.error('connection_test_crashed', { integrationId: row.id, error })
    const detail = describeError(known, connector.messages)
    return { account: null, capabilities: [{ name: 'credentials', required: true, ok: false, detail }], sample: [] }
  }
}

/** Keeps the verdict, unless the settings it is about have changed meanwhile. */
export async function storeTestResult(
  context: Context,
  row: { readonly id: string; readonly settingsEpoch: number },
  report: ConnectionReport,
): Promise<void> {
  await context.db
    .update(crmIntegrations)
    .set({ connectionStatus: report.ok ? 'ok' : 'failed', connectionCheckedAt: sql`${report.checkedAt}::timestamptz` })
    .where(and(eq(crmIntegrations.id, row.id), eq(crmIntegrations.settingsEpoch, row.settingsEpoch)))
}

/** Tests a stored integration and keeps the verdict. Null: no such integration. */
export async function testIntegration(
  context: Context,
  request: TestRequest & { readonly integrationId: string; readonly tenant: string | null },
): Promise<ConnectionReport | null> {
  const found = await findForSession(context.db, request.integrationId, request.tenant)
  if (!found) return null
  const report = await testConnection(context, found, request)
  await storeTestResult(context, found, report)
  return report
}
