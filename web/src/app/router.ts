// The screen is named by the fragment, `#/sales?status=paid`, so that a reload and the button “back” find it again,
// and no server is asked.
import { createStore, useStore } from '#web/lib/store.ts'

export interface Route {
  /** Begins with a slash; '' names no screen. */
  readonly path: string
  readonly query: URLSearchParams
  /** The parts of the path after the first. */
  readonly params: readonly string[]
}

type Query = URLSearchParams | Readonly<Record<string, string>>

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s)
  const isPath = path.startsWith('/')
  const [, ...params] = path.split('/').filter(Boolean)
  return {
    path: isPath ? path : '',
    query: new URLSearchParams(isPath ? query : ''),
    params: params.map(decode),
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function hrefTo(path: string, query: Query = {}): string {
  const text = new URLSearchParams(query).toString()
  return `#${path}${text && `?${text}`}`
}

const current = createStore<Route>(parseRoute(''))

/** Begins to follow the address. */
export function startRouter(): void {
  const follow = () => current.set(parseRoute(location.hash))
  window.addEventListener('popstate', follow)
  window.addEventListener('hashchange', follow)
  follow()
}

export function navigate(path: string, query: Query = {}, { replace = false } = {}): void {
  const href = hrefTo(path, query)
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  current.set(parseRoute(href))
}

export function useRoute(): Route {
  return useStore(current)
}
