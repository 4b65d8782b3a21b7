// A page of a product: it opens the link of a connect session, names the business, sends the person to the CRM's
// consent page, and finishes with the ticket. Bundled for the browser.
import { createClient, openLink, ProblemError, unwrap } from '#client/index.ts'

interface Element {
  textContent: string
  href?: string
}

/** The parts of the page that it fills, by their ids. */
export type Part = 'business' | 'go' | 'account' | 'state'

declare const BASE_URL: string
// What a page has beside: this folder is typed for Node.
declare const document: { readonly querySelector: (selector: string) => Element | null }
declare const location: Readonly<Record<'search' | 'hash' | 'pathname' | 'href', string>>
declare const history: { readonly replaceState: (state: null, unused: '', url: string) => void }

const show = (id: Part, text: string, href?: string) => {
  const element = document.querySelector(`#${id}`)
  if (element) Object.assign(element, { textContent: text, ...(href !== undefined && { href }) })
}

async function main(): Promise<void> {
  const { search, hash, pathname } = location
  const session = await openLink({ baseUrl: BASE_URL, location: { search, hash }, storage: sessionStorage })
  const ticket = new URLSearchParams(hash.slice(1)).get('ticket')
  history.replaceState(null, '', pathname + search)
  const client = createClient({ baseUrl: BASE_URL, token: session.token })
  if (ticket !== null) return finish(client, ticket)
  const query = { returnUrl: location.href }
  const { url, business } = await unwrap(client.GET('/v1/oauth/amo_crm/authorize', { params: { query } }))
  show('business', business.name)
  show('go', 'amoCRM', url)
}

async function finish(client: ReturnType<typeof createClient>, ticket: string): Promise<void> {
  const { id, report } = await unwrap(client.POST('/v1/oauth/amo_crm/confirm', { body: { ticket } }))
  show('account', `${report.account?.name}: ${report.ok}`)
  const path = { id }
  await unwrap(client.PATCH('/v1/integrations/{id}', { params: { path }, body: { syncEnabled: true } }))
  show('state', `connected ${id}`)
}

main().catch((error: unknown) => {
  show('state', `refused: ${error instanceof ProblemError ? error.problem.code : String(error)}`)
})
