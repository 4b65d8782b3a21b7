// The calls of a CRM's consent, whichever CRM it is: each has them under its own type.
import type { Client } from '#client/create-client.ts'
import { refusalOf } from '#client/problem.ts'
import type { components } from '#client/schema.ts'
import { tabStorage } from '#web/lib/memory.ts'

type Schemas = components['schemas']
export type ConfirmedConsent = Schemas['ConfirmedConsent']

interface Start {
  readonly crmType: string
  /** '': the usual one. */
  readonly brand: string
  readonly signal: AbortSignal
}

/** The address of the vendor's page. Throws ProblemError. */
export async function startConsent(client: Client, { crmType, brand, signal }: Start): Promise<string> {
  const query = brand === '' ? '' : `?${new URLSearchParams({ brand }).toString()}`
  const response = await client.send(`/v1/oauth/${crmType}/authorize${query}`, { signal })
  return (await answerOf<Schemas['ConsentUrl']>(response)).url
}

interface Confirm {
  readonly crmType: string
  readonly ticket: string
  readonly signal: AbortSignal
}

/** Throws ProblemError: `ticket_used`, `other_account`, `consent_failed` … */
export async function confirmConsent(client: Client, { crmType, ticket, signal }: Confirm): Promise<ConfirmedConsent> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
    signal,
  }
  return answerOf<ConfirmedConsent>(await client.send(`/v1/oauth/${crmType}/confirm`, init))
}

async function answerOf<Data>(response: Response): Promise<Data> {
  if (!response.ok) throw await refusalOf(response)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API's own
  return (await response.json()) as Data
}

const ASKED = 'crm:consent'

/** Which CRM was asked: what its page brings back does not say it. */
export function rememberConsent(crmType: string): void {
  tabStorage().setItem(ASKED, crmType)
}

export function askedConsent(): string | null {
  return tabStorage().getItem(ASKED)
}
