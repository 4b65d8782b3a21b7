// The link's token leaves the address at once. It is known to this tab alone, and to another tab of the same browser
// that opens the same link and asks for it; a browser that asks on another machine finds the link used up.
import { type OpenedConnectSession, openLink } from '#client/open-link.ts'
import { ProblemError } from '#client/problem.ts'
import { tabStorage } from '#web/lib/memory.ts'
import type { Language } from '#lib/localized.ts'

export type Opening =
  | { readonly state: 'open'; readonly session: OpenedConnectSession; readonly arrival: Arrival }
  | { readonly state: 'over' }
  | { readonly state: 'unreached' }
  | { readonly state: 'handed-over' }

/** What the page that the browser comes from has put into the address. */
export interface Arrival {
  readonly ticket: string | null
  readonly error: string | null
  /** Of an installation in a marketplace, which the product passes on. */
  readonly install: string | null
}

export const NOTHING_BROUGHT: Arrival = { ticket: null, error: null, install: null }

/** A tab in the background answers late. */
const ASK_MS = 2500

interface Address {
  readonly search: string
  readonly hash: string
}

/** Reads the address and takes out of it what nobody is to see. To be called before anything else reads it. */
export function takeAddress(): Address {
  const { search, hash } = location
  const secret = new URLSearchParams(hash.slice(1))
  if (!hash.startsWith('#/') && [...secret.keys()].length > 0) {
    history.replaceState(null, '', `${location.pathname}${search}`)
  }
  return { search, hash: hash.startsWith('#/') ? '' : hash }
}

export async function openSession({ search, hash }: Address, language: Language): Promise<Opening> {
  const fragment = new URLSearchParams(hash.slice(1))
  const arrival = {
    ticket: fragment.get('ticket'),
    error: fragment.get('error'),
    install: fragment.get('install'),
  }
  const storage = tabStorage()
  const id = new URLSearchParams(search).get('s') ?? ''
  const open = async () => openLink({ baseUrl: location.origin, location: { search, hash }, storage, language })
  if (isFromConsent(arrival) && handOver(arrival)) return { state: 'handed-over' }
  try {
    return { state: 'open', session: await open(), arrival }
  } catch (error) {
    const isRefused = error instanceof ProblemError && error.problem.status < 500 && error.problem.status !== 429
    // Without a token it is the address of a tab that has opened the link, or of none.
    const hasToken = storage.getItem(keyOf(id)) !== null || fragment.has('token')
    if (hasToken && !isRefused) return { state: 'unreached' }
    const kept = await askOtherTabs(id)
    if (kept === null) return { state: 'over' }
    storage.setItem(keyOf(id), kept)
    return openKept(search, language, arrival)
  }
}

async function openKept(search: string, language: Language, arrival: Arrival): Promise<Opening> {
  try {
    const location = { search, hash: '' }
    const session = await openLink({ baseUrl: globalThis.location.origin, location, storage: tabStorage(), language })
    return { state: 'open', session, arrival }
  } catch {
    return { state: 'over' }
  }
}

/** As openLink keeps it. */
function keyOf(id: string): string {
  return `crm-connect-session:${id}`
}

function isFromConsent({ ticket, error }: Arrival): boolean {
  return ticket !== null || error !== null
}

/** False: no frame of ours has opened this window. A frame opens consent so, and goes on with what it brings. */
function handOver(arrival: Arrival): boolean {
  const frame = ownOpener()
  if (!frame) return false
  frame.postMessage({ type: 'crm.consent', ...arrival }, location.origin)
  window.close()
  return true
}

function ownOpener(): Window | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed as anything, since a page may set it
  const opener = window.opener as Window | null
  try {
    return opener?.location.origin === location.origin ? opener : null
  } catch {
    // A page of the product's has opened the whole page in a window.
    return null
  }
}

/** Calls back with what a window of consent has brought. Returns what ends it. */
export function onConsent(arrived: (arrival: Arrival) => void): () => void {
  const hear = ({ origin, data }: MessageEvent<unknown>) => {
    if (origin !== location.origin || typeof data !== 'object' || data === null) return
    if (!('type' in data && data.type === 'crm.consent' && 'ticket' in data && 'error' in data)) return
    arrived({ ticket: textOrNull(data.ticket), error: textOrNull(data.error), install: null })
  }
  window.addEventListener('message', hear)
  return () => window.removeEventListener('message', hear)
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

async function askOtherTabs(id: string): Promise<string | null> {
  const channel = new BroadcastChannel(keyOf(id))
  try {
    return await new Promise((resolve) => {
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string' && data !== '') resolve(data)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of this origin alone
      channel.postMessage('')
      setTimeout(() => resolve(null), ASK_MS)
    })
  } finally {
    channel.close()
  }
}

/** Other tabs of this browser that open the same link get it from here. */
export function answerOtherTabs(id: string): void {
  const channel = new BroadcastChannel(keyOf(id))
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const kept = tabStorage().getItem(keyOf(id))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of this origin alone
    if (data === '' && kept !== null) channel.postMessage(kept)
  })
}
