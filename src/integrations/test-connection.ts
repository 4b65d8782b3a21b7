import { and, eq, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Check, LocalizedText } from '#crm/contract.ts'
import { capabilityTitle } from '#crm/form.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { crmIntegrations, type StoredAccount } from '#db/schema/crm-integrations.ts'
import { CrmError, isUnanswered } from '#lib/crm-error.ts'
import type { Lane } from '#lib/permits.ts'
import { findForSession, type TestedColumns } from '#integrations/queries.ts'
import { openSession, type SessionRow } from '#connections/session.ts'
import { Location } from '#integrations/schema.ts'
import { isOtherAccount, otherAccountDetail, SAME_ACCOUNT } from '#integrations/other-account.ts'
import { installationOf } from '#integrations/same-account.ts'
import { countTest } from '#integrations/test-limit.ts'
import { webhookCapability } from '#integrations/webhook-capability.ts'
import { loadErased } from '#tombstones/load-erased.ts'
import { maskCustomer } from '#transactions/mask-customer.ts'
import { withoutErased } from '#transactions/mask-erased.ts'
import { presentSample, SampleTransaction } from '#transactions/schema.ts'

export const ConnectionReport = z
  .lazy(() =>
    z.strictObject({
      ok: z.boolean().meta({ description: 'Whether everything works that the sync needs.' }),
      checkedAt: z.iso.datetime().meta({ description: 'When the test ended.' }),
      latencyMs: z.int().nonnegative().meta({ description: 'How long it took.' }),
      account: z
        .strictObject({
          externalId: z.string().meta({ description: 'Its id in the CRM.' }),
          name: z.string().meta({ description: 'Its name in the CRM.' }),
          timezone: z.string().nullable().meta({ description: 'Its IANA time zone, where the CRM says it.' }),
          currency: z.string().nullable().meta({ description: 'Its currency, ISO 4217, where the CRM says it.' }),
        })
        .nullable()
        .meta({ description: 'The account that the credentials open; null where it cannot be read.' }),
      locations: z
        .array(Location)
        .meta({ description: 'The branches that a sync reads; empty where the CRM has none.' }),
      capabilities: z
        .array(
          z.strictObject({
            name: z.string().meta({ description: 'What was tried.' }),
            title: z.string().meta({ description: 'The same for a person.' }),
            required: z.boolean().meta({ description: 'Whether the sync needs it.' }),
            ok: z.boolean().meta({ description: 'Whether it works.' }),
            detail: z.string().meta({ description: 'What is wrong and what to do, for a person.' }),
          }),
        )
        .meta({ description: 'Each thing that the sync uses.' }),
      sample: z
        .array(SampleTransaction)
        .max(3)
        .meta({ description: 'A few sales as they would be stored; empty without `transactions:read`.' }),
    }),
  )
  .meta({ id: 'ConnectionReport', description: 'What a connection test found.' })
export type ConnectionReport = z.infer<typeof ConnectionReport>

export interface TestRequest {
  readonly language: keyof LocalizedText
  /** Gives the service's origin when PUBLIC_URL is not set. */
  readonly requestUrl: string
  /** False leaves out the sample, which shows customers. */
  readonly showsSales: boolean
  /** Names, phones and the like in the sample are hidden. */
  readonly masksCustomers?: boolean
  /** A consent's own test, bounded by its ticket: refused, it would lose the consent. */
  readonly isUncounted?: boolean
  /** A person waits for it when it is left out. */
  readonly lane?: Lane
}

/** A test that nobody's request asked for. */
interface Trial extends Omit<TestRequest, 'requestUrl'> {
  /** Null: webhooks are left out. */
  readonly requestUrl: string | null
}

interface Tested {
  readonly report: ConnectionReport
  /** False: the CRM did not answer, so nothing is known of the connection. */
  readonly isConclusive: boolean
}

/**
 * Makes the calls that a sync will make, by the same code. Never throws for a failure of the CRM. Throws Problem
 * `too_many_requests`.
 */
export async function testConnection(
  context: Context,
  row: SessionRow & TestedColumns,
  request: TestRequest,
): Promise<ConnectionReport> {
  return (await tryConnection(context, row, request)).report
}

/** As above. */
export async function tryConnection(
  context: Context,
  row: SessionRow & TestedColumns,
  { language, requestUrl, showsSales, masksCustomers = false, isUncounted = false, lane = 'people' }: Trial,
): Promise<Tested> {
  if (!isUncounted) await countTest(context, row.id)
  const checkedAt = context.clock.now()
  const check = withSameAccount(row, await runCheck(context, row, { requestUrl, lane }))
  const latencyMs = context.clock.now().getTime() - checkedAt.getTime()
  const ok = check.capabilities.every((capability) => capability.ok || !capability.required)
  context.log.info('connection_tested', {
    integrationId: row.id,
    ok,
    latencyMs,
    failed: check.capabilities.filter((capability) => !capability.ok).map(({ name }) => name),
  })
  const report = {
    ok,
    checkedAt: checkedAt.toISOString(),
    latencyMs,
    account: check.account,
    locations: check.locations?.map((location) => ({ ...location })) ?? [],
    capabilities: check.capabilities.map(({ name, required, ok: works, detail }) => ({
      name,
      title: capabilityTitle(connectorOf(row.crmType).form, name)[language],
      required,
      ok: works,
      detail: detail[language],
    })),
    sample: (await sampleOf(context, row, showsSales ? check.sample : []))
      .map((transaction) => (masksCustomers ? maskCustomer(transaction) : transaction))
      .map((transaction) => presentSample(transaction, row)),
  }
  const wrong = check.capabilities.filter((capability) => capability.required && !capability.ok)
  return { report, isConclusive: ok || wrong.some(({ isUnanswered }) => isUnanswered !== true) }
}

async function sampleOf(context: Context, { id }: SessionRow, sample: Check['sample']): Promise<Check['sample']> {
  if (sample.length === 0) return sample
  const erased = await loadErased(context, id)
  return sample.map((sale) => withoutErased(sale, erased))
}

/** A list that is too large is asked for with fewer rows up to three times; a vendor that only has such is given up. */
const TOO_LARGE_MAX = 4

async function runCheck(
  context: Context,
  row: SessionRow & TestedColumns,
  { requestUrl, lane }: Pick<Trial, 'requestUrl'> & { readonly lane: Lane },
): Promise<Check> {
  const connector = connectorOf(row.crmType)
  try {
    const session = await openSession(context, row, { tooLargeMax: TOO_LARGE_MAX, lane })
    const check = await connector.check(session)
    // When the CRM refuses even the account, further calls would only fail too.
    if (!connector.webhook || !check.account || requestUrl === null) return check
    const hooks = await webhookCapability(context, row, { session, requestUrl })
    return { ...check, capabilities: [...check.capabilities, hooks] }
  } catch (error) {
    const crmError = error instanceof CrmError ? error : new CrmError('internal', { cause: error })
    if (crmError !== error) context.log.error('connection_test_crashed', { integrationId: row.id, error })
    const detail = describeError(crmError, connector.messages)
    const credentials = { name: 'credentials', required: true, ok: false, detail, isUnanswered: isUnanswered(crmError) }
    return { account: null, capabilities: [credentials], sample: [] }
  }
}

/** Credentials of another account than the stored one fail the test, however well they work. */
function withSameAccount(row: SessionRow & TestedColumns, check: Check): Check {
  const { account: stored } = row
  const found = check.account && { locations: [], ...check, ...check.account, ...installationOf(row) }
  if (!found || !stored || !isOtherAccount(stored, found)) return check
  const line = { name: SAME_ACCOUNT, required: true, ok: false, detail: otherAccountDetail(stored) }
  return { ...check, capabilities: [...check.capabilities, line] }
}

/** What an integration shows of its account. Null: the CRM has none. */
export function accountOf(
  { account, locations }: Pick<ConnectionReport, 'account' | 'locations'>,
  of: Parameters<typeof installationOf>[0],
): StoredAccount | null {
  return account && { externalId: account.externalId, name: account.name, locations, ...installationOf(of) }
}

/** Stores the result, unless the tested settings have changed meanwhile. */
export async function storeTestResult(
  context: Context,
  row: Parameters<typeof accountOf>[1] & { readonly id: string; readonly settingsEpoch: number },
  report: ConnectionReport,
): Promise<void> {
  await context.db
    .update(crmIntegrations)
    .set({
      ...{ connectionStatus: report.ok ? 'ok' : 'failed', connectionCheckedAt: sql`${report.checkedAt}::timestamptz` },
      ...(report.ok && { account: accountOf(report, row) }),
    })
    .where(and(eq(crmIntegrations.id, row.id), eq(crmIntegrations.settingsEpoch, row.settingsEpoch)))
}

/** Tests a stored integration and stores the result. Null: no such integration. */
export async function testIntegration(
  context: Context,
  request: TestRequest & { readonly integrationId: string; readonly tenant: string | null },
): Promise<ConnectionReport | null> {
  const row = await findForSession(context.db, request.integrationId, request.tenant)
  if (!row) return null
  const report = await testConnection(context, row, request)
  await storeTestResult(context, row, report)
  return report
}
