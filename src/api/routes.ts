import type { Route } from '#api/route.ts'
import { adminRoutes } from '#api/admin.ts'
import { adminIntegrationRoutes } from '#api/admin-integrations.ts'
import { businessRoutes } from '#api/businesses.ts'
import { checkRoutes } from '#api/checks.ts'
import { connectSessionRoutes } from '#api/connect-sessions.ts'
import { crmTypeRoutes } from '#api/crm-types.ts'
import { erasureRoutes } from '#api/erasures.ts'
import { importUndoRoutes } from '#api/import-undo.ts'
import { endpointRoutes } from '#api/endpoints.ts'
import { explanationRoutes } from '#api/explanations.ts'
import { formatRoutes } from '#api/formats.ts'
import { importRoutes } from '#api/imports.ts'
import { metricsRoutes } from '#api/metrics.ts'
import { healthRoutes } from '#api/health.ts'
import { issueRoutes } from '#api/issues.ts'
import { integrationRoutes } from '#api/integrations.ts'
import { marketplaceRoutes } from '#api/marketplace.ts'
import { oauthRoutes } from '#api/oauth.ts'
import { runRoutes } from '#api/runs.ts'
import { transactionRoutes } from '#api/transactions.ts'
import { uploadRoutes } from '#api/uploads.ts'
import { webhookRoutes } from '#api/webhooks.ts'

/** Everything the API offers, in the order of its documentation. */
export const ROUTES: readonly Route[] = [
  ...integrationRoutes,
  ...runRoutes,
  ...issueRoutes,
  ...importRoutes,
  ...importUndoRoutes,
  ...uploadRoutes,
  ...formatRoutes,
  ...transactionRoutes,
  ...explanationRoutes,
  ...checkRoutes,
  ...connectSessionRoutes,
  ...oauthRoutes,
  ...marketplaceRoutes,
  ...webhookRoutes,
  ...endpointRoutes,
  ...crmTypeRoutes,
  ...businessRoutes,
  ...erasureRoutes,
  ...healthRoutes,
  ...adminRoutes,
  ...adminIntegrationRoutes,
  ...metricsRoutes,
]
