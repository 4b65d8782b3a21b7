// A business that has not connected yet, and the lines by which its owner installs the app from the marketplace.
import type { ServedSandbox } from '#dev/serve-sandbox.ts'

/** Of its own: a business has one integration. */
export const NEWCOMER_ID = '00000000-0000-4000-8000-0000000000aa'

/** Lines to read and to paste; '' where the CRM has no marketplace. */
export function marketplaceLines(url: string, token: string, { sandbox, url: sandboxUrl }: ServedSandbox): string {
  const { newcomer } = sandbox
  if (!newcomer) return ''
  const curl = "curl -s -w '\\n'"
  const page = `${sandboxUrl}/appstore/${newcomer.branchId}`
  const authorized = `${curl} -H "Authorization: Bearer $NEWCOMER"`
  const ticket = `$(curl -sL -D - -o /dev/null ${page}/connect | sed -n 's/.*#ticket=//p' | tr -d '\\r')`
  const sale = `{"do":"sell","rubles":500,"branch":"${newcomer.branchId}"}`
  return `
${newcomer.name} (business ${NEWCOMER_ID}) is not connected. Its owner installs the app from the marketplace
and types no token: ${page}/connect comes back to a page here with a ticket in its address.
  NEWCOMER=${token}
  TICKET=${ticket}
  ${authorized} -X POST -H 'Content-Type: application/json' -d "{\\"ticket\\":\\"$TICKET\\"}" ${url}/v1/marketplace/installs/claim
It is connected, tested and syncs. A sale there comes by webhook, and ${page}/disconnect ends it.
  ${curl} -X POST -H 'Content-Type: application/json' -d '${sale}' ${sandboxUrl}/_sandbox/edit
  ${authorized} '${url}/v1/businesses/${NEWCOMER_ID}/transactions?limit=1'
`
}
