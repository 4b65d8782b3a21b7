import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import { type RetryOptions, retryingFetch, type Token } from './retrying-fetch.ts'
import type { paths } from './schema.ts'

export interface ClientOptions {
  /** `https://crm.example.com` */
  readonly baseUrl: string
  readonly token: Token
  /** Of every text that a person may read; English when left out. */
  readonly language?: 'ru' | 'en'
  readonly retry?: RetryOptions
  readonly fetch?: (request: Request) => Promise<Response>
}

/** A method for each HTTP method, typed by the API's document, and what the functions of this package need beside. */
export interface Client extends FetchClient<paths> {
  /** For bodies that are not JSON: with the token, the language and repeats. `path` begins with a slash. */
  readonly send: (path: string, init: RequestInit) => Promise<Response>
}

export function createClient({ baseUrl, token, language = 'en', retry = {}, ...options }: ClientOptions): Client {
  // Called without its `this`, the browser's own fetch throws.
  const { fetch = async (request) => globalThis.fetch(request) } = options
  const retrying = retryingFetch({ token, fetch, retry })
  const headers = { 'accept-language': language }
  const client = createFetchClient<paths>({ baseUrl, fetch: retrying, headers })
  const root = baseUrl.replace(/\/$/, '')
  return {
    ...client,
    send: async (path, init) => {
      const request = new Request(`${root}${path}`, init)
      request.headers.set('accept-language', language)
      return retrying(request)
    },
  }
}
