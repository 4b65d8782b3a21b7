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
  ...['alt', 'arpa', 'localdomain', 'private', 'svc', 'consul', 'docker', 'kubernetes', 'domain', 'workgroup'],
]

/** Public names that resolve to whatever private address stands in them, or always to the loopback. */
const RESOLVES_PRIVATELY = [
  ...['nip.io', 'sslip.io', 'xip.io', 'hip.io', 'backname.io', 'traefik.me', 'local-ip.co', 'local-ip.sh'],
  ...['localtest.me', 'lvh.me', 'vcap.me', 'fuf.me', 'localho.st', 'lacolhost.com', 'smackaho.st', 'yoogle.com'],
  ...['42foo.com', 'beweb.com', 'ulh.us', 'rbndr.us', '1u.ms', 'localhost.direct', 'plex.direct'],
  ...['localdev.me', 'lcl.host', 'local.gd', 'burpcollaborator.net', 'metadata.goog'],
  ...['lndo.site', 'ddev.site', 'feacluster.com'],
]

/** Our own database's provider: it answers SQL over HTTP. */
const DATABASES = ['neon.tech', 'neon.build']

const REFUSED = [...PRIVATE_SUFFIXES, ...RESOLVES_PRIVATELY, ...DATABASES]

/** A private, loopback or link-local IPv4 within a name, as wildcard DNS services take it: 10.0.0.1.x, 10-0-0-1.x. */
const PRIVATE_IPV4 =
  /(?:^|[.-])(?:(?:0|10|127)[.-]\d{1,3}|100[.-](?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169[.-]254|172[.-](?:1[6-9]|2\d|3[01])|192[.-]168)[.-]\d{1,3}[.-]\d{1,3}(?:[.-]|$)/
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

export interface EgressPolicy {
  /** Exact origins that pass without further checks; empty in production. */
  readonly allowOrigins: readonly string[]
  /** Host suffixes a vendor lives on; null: any public host. */
  readonly hosts: readonly string[] | null
  /** Host suffixes that are never called: the service's own zone. */
  readonly denyHosts: readonly string[]
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
  if (!isPublicName(url.hostname) || policy.denyHosts.some((host) => isWithin(url.hostname, host))) return 'not_public'
  if (policy.hosts && !policy.hosts.some((host) => isWithin(url.hostname, host))) return 'not_the_vendors'
  return null
}

/** A DNS name with a real top-level domain. The URL parser has already turned every spelling of an IPv4 into digits. */
function isPublicName(hostname: string): boolean {
  const labels = hostname.split('.')
  const top = labels.at(-1) ?? ''
  if (labels.length < 2 || hostname.length > 253 || !labels.every((label) => LABEL.test(label))) return false
  if (!/^(?:[a-z]{2,}|xn--[a-z0-9-]+)$/.test(top)) return false
  return !PRIVATE_IPV4.test(hostname) && !REFUSED.some((suffix) => isWithin(hostname, suffix))
}

/**
 * The zone of an origin of ours, as far as its name shows it: the parent of a host with three labels or more, but of no
 * registry such as co.uk or msk.ru.
 */
export function zoneOf(origin: string): string {
  const { hostname } = new URL(origin)
  const parent = hostname.slice(hostname.indexOf('.') + 1)
  const isZone = parent.includes('.') && !/^[a-z]{1,3}\.[a-z]{2}$/.test(parent)
  return isZone && /[a-z]$/.test(hostname) ? parent : hostname
}

function isWithin(hostname: string, suffix: string): boolean {
  return hostname === suffix || hostname.endsWith(`.${suffix}`)
}
