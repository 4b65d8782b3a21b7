import { createClient } from './create-client.ts'
import { unwrap } from './problem.ts'
import type { components } from './schema.ts'

export type OpenedConnectSession = components['schemas']['OpenedConnectSession']

export interface OpenLink {
  /** `https://crm.example.com` */
  readonly baseUrl: string
  /** Of the page that the link led to: `s` in the query, and the first time `token` in the fragment. */
  readonly location: { readonly search: string; readonly hash: string }
  /** Keeps what the browser needs to open it again, after a reload: `sessionStorage`. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  readonly language?: 'ru' | 'en'
  readonly fetch?: (request: Request) => Promise<Response>
}

/**
 * Opens the link of a connect session, in the first browser that does so and in no other. `token` of the answer is what
 * `createClient` takes. Throws ProblemError `session_ended` when it was opened elsewhere or is over, and an Error when
 * the page was not reached by a link.
 */
export async function openLink({ location, storage, ...options }: OpenLink): Promise<OpenedConnectSession> {
  const id = new URLSearchParams(location.search).get('s')
  const name = `crm-connect-session:${id}`
  const linked = new URLSearchParams(location.hash.slice(1)).get('token')
  const kept = read(storage.getItem(name))
  const body = linked === null || linked === kept?.token ? kept : { token: linked, browserSecret: newSecret() }
  if (id === null || !body) throw new Error('this page is not reached by the link of a connect session')
  // Before the call: its answer may be lost, and only who has the secret may ask again.
  storage.setItem(name, JSON.stringify(body))
  const client = createClient({ ...options, token: body.token })
  return unwrap(client.POST('/v1/connect-sessions/open', { body }))
}

type Kept = components['schemas']['OpenConnectSession']

function read(text: string | null): Kept | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
  return text === null ? null : (JSON.parse(text) as Kept)
}

function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
