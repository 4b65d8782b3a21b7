import type { Context } from '#context.ts'
import type { TenantScope } from '#db/tenant.ts'
import { findIntegration } from '#integrations/queries.ts'
import { type ConnectionReport, testIntegration, type TestRequest } from '#integrations/test-connection.ts'
import { updateIntegration } from '#integrations/update.ts'

/**
 * Tests a stored integration and stores the result. What the vendor's refusal had stopped goes on when the test passes;
 * what a person switched off stays off. Null: no such integration.
 */
export async function testAndResume(
  context: Context,
  request: TestRequest & TenantScope,
): Promise<ConnectionReport | null> {
  const report = await testIntegration(context, request)
  if (!report?.ok) return report
  const row = await findIntegration(context.db, request.integrationId, request.tenant)
  if (row?.stoppedBy === 'vendor' && row.connectionStatus === 'ok') {
    await updateIntegration(context, { ...request, change: { syncEnabled: true }, precondition: null })
  }
  return report
}
