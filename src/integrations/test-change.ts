// The test of a connection as a change would leave it, before anything is changed.
import type { Context } from '#context.ts'
import type { StoredAccount } from '#db/schema/crm-integrations.ts'
import { businessOf, type IntegrationRow, toSessionRow } from '#integrations/queries.ts'
import type { Target } from '#integrations/change-target.ts'
import { refuseKept } from '#integrations/kept.ts'
import { otherAccount, SAME_ACCOUNT } from '#integrations/other-account.ts'
import { accountOf, type ConnectionReport, storeTestResult, testConnection } from '#integrations/test-connection.ts'
import type { Update } from '#integrations/update-request.ts'
import { Problem } from '#lib/errors.ts'
import { both } from '#lib/localized.ts'

/**
 * The report of a passed test, which the change then stores. Null: the change needs none, or new credentials for what
 * the vendor had stopped failed theirs, and are stored untested. Throws Problem `connection_test_failed`,
 * `other_account`, `conflict` (sales of this account are kept), `too_many_requests`.
 */
export async function testChange(
  context: Context,
  row: IntegrationRow,
  target: Target,
  update: Update,
): Promise<ConnectionReport | null> {
  const { change, grant, isReconnect = false } = update
  const isEnabling = change.syncEnabled === true
  const isResuming = row.stoppedBy === 'vendor' && change.credentials !== undefined && change.syncEnabled === undefined
  const isNeeded = (isReconnect && target.isNew) || (isEnabling && (target.isNew || row.connectionStatus !== 'ok'))
  // The tokens of a consent are tested when they are stored: until then they cannot be refreshed.
  if (!isNeeded && (!isResuming || !target.isNew || grant)) {
    // A test by itself has shown the account meanwhile.
    if (isEnabling && row.syncEnabled !== true) await refuseKept(context, row, row.account)
    return null
  }
  const report = await test(context, row, target, update)
  if (report.ok) {
    await refuseKept(context, row, accountOf(report, { ...row, ...target }))
    return report
  }
  if (!target.isNew) await storeTestResult(context, row, report)
  if (row.account && report.capabilities.some(({ name }) => name === SAME_ACCOUNT)) {
    throw otherAccount(row.account, { report })
  }
  if (!isNeeded) return null
  const failed = report.capabilities.filter(({ ok, required }) => required && !ok)
  // One cause can make several capabilities fail with the same sentence.
  const detail = [...new Set(failed.map(({ detail: text }) => text))].join(' ')
  throw new Problem('connection_test_failed', { detail: both(detail), extensions: { report } })
}

async function test(context: Context, row: IntegrationRow, target: Target, update: Update): Promise<ConnectionReport> {
  const business = await businessOf(context.db, row.businessId)
  const changed: Pick<StoredAccount, 'changed'> = target.isNewSecret ? { changed: 'credentials' } : {}
  const account = target.mayDiffer ? null : row.account && { ...row.account, ...changed }
  return testConnection(context, { ...row, account, ...toSessionRow({ ...row, ...target }, business) }, update)
}
