// Decides which addresses a connector may call. `apiUrl` and redirects come from outside: `apiUrl` is checked when it
// is saved, and both are checked before each request.

const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'home.arpa',
  'test',
  'example',
  'invalid',
  'onion',
]
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

export interface EgressPolicy {
  /** Exact origins that pass without further checks; empty in production. */
  readonly allowOrigins: readonly string[]
  /** Host suffixes a vendor lives on; null: any public host. */
  readonly hosts: readonly string[] | null
}

export type Refusal = 'not_a_url' | 'not_https' | 'port' | 'userinfo' | 'not_public' | 'not_the_vendors'

/** Null: the address may be called. */
export function refuseAddress(address: string, policy: EgressPolicy): Refusal | null {
  if (!URL.canParse(address)) return 'not_a_url'
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return 'userinfo'
  if (policy.allowOrigins.includes(url.origin)) return null
  if (url.protocol !== 'https:') return 'not_https'
  if (url.port !== '') return 'port'
  if (!isPublicName(url.hostname)) return 'not_public'
  if (policy.hosts && !policy.hosts.some((host) => isWithin(url.hostname, host))) return 'not_the_vendors'
  return null
}

/** A DNS name with a real top-level domain. The URL parser has already turned every spelling of an IPv4 into digits. */
function isPublicName(hostname: string): boolean {
  const labels = hostname.split('.')
  const top = labels.at(-1) ?? ''
  if (labels.length < 2 || hostname.length > 253 || !labels.every((label) => LABEL.test(label))) return false
  if (!/^(?:[a-z]{2,}|xn--[a-z0-9-]+)$/.test(top)) return false
  return !PRIVATE_SUFFIXES.some((suffix) => isWithin(hostname, suffix))
}

function isWithin(hostname: string, suffix: string): boolean {
  return hostname === suffix || hostname.endsWith(`.${suffix}`)
}
