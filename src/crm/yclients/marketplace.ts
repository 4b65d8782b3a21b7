// The marketplace of YCLIENTS and Altegio: one platform, two registrations. The owner's click makes an installation
// `pending`; our call finishes it, and then our system user is a user of the branch. Sources: README.md.
import * as z from 'zod'
import type {
  Arrival,
  ArrivalFlaw,
  InstallState,
  Marketplace,
  MarketplaceApp,
  MarketplaceCall,
  MarketplaceEvent,
  MarketplaceSettings,
} from '#crm/marketplace.ts'
import { isEqual } from '#crypto/equal.ts'
import { verifyHmac } from '#crypto/hmac.ts'
import { CrmError } from '#lib/crm-error.ts'
import { instantOf, TimeError } from '#lib/time.ts'
import { READABLE, unwrap } from '#crm/yclients/refusal.ts'
import { type Envelope, id, orNull, readable } from '#crm/yclients/schema.ts'
import { branchesOf, BRANDS, Settings } from '#crm/yclients/settings.ts'

type Brand = keyof typeof BRANDS

/** Where the marketplace of a brand answers; it is not the host of its API everywhere. */
const ORIGINS: Readonly<Record<Brand, string>> = {
  yclients: 'https://api.yclients.com',
  altegio: 'https://app.alteg.io',
}
/** The platform's naive times are Moscow's, wherever the branch is. */
const ZONE = 'Europe/Moscow'
const LIST_ROWS = 1000
/** A vendor that repeats its pages for ever is stopped: a million branches. */
const LIST_PAGES_MAX = 1000
const BRANCH = /^\d{1,12}$/
const STATUSES: Readonly<Record<string, InstallState['status']>> = {
  pending: 'pending',
  active: 'active',
  freezed: 'frozen',
}

export const marketplace: MarketplaceSettings = {
  arrivalQuery: z.object({
    salon_id: z.string().optional().meta({ description: 'The branch.' }),
    'salon_ids[]': z.array(z.string()).optional().meta({ description: 'Several branches.' }),
    user_data: z.string().optional().meta({ description: 'Who clicked: JSON in base64.' }),
    user_data_sign: z.string().optional().meta({ description: 'Hex HMAC-SHA256 of that JSON by the partner token.' }),
  }),
  brands: [openBrand('yclients', 'YCLIENTS'), openBrand('altegio', 'Altegio')],
  read: (config) => {
    const { data } = Settings.safeParse(config)
    return data ? { brand: data.brand, branchIds: branchesOf(data) } : null
  },
  write: (config, { brand, branchIds }) => {
    const { companyId: _, ...others } = config
    return { ...others, brand, companyIds: [...branchIds] }
  },
}

function openBrand(brand: Brand, title: string): Marketplace {
  const address = ({ app }: MarketplaceCall, path: string) => `${app.apiUrl ?? ORIGINS[brand]}/marketplace/${path}`
  const send = async (call: MarketplaceCall, path: string, body?: unknown): Promise<Envelope> =>
    request(call, brand, { url: address(call, path), ...(body !== undefined && { body }) })
  const ofBranch = ({ app }: MarketplaceCall, branchId: string) => `salon/${branchId}/application/${app.applicationId}`
  return {
    brand,
    title,
    apiUrl: ({ apiUrl }) => apiUrl ?? BRANDS[brand].apiUrl,
    readArrival,
    readEvent,
    stateOf: async (call, branchId) => {
      const envelope = await unlessMissing(async () => send(call, ofBranch(call, branchId)))
      return envelope ? stateIn(envelope.data) : { status: 'none', begunAt: null }
    },
    finish: async (call, branchId, webhookUrl) => {
      const { applicationId } = call.app
      const body = { salon_id: Number(branchId), application_id: Number(applicationId), webhook_urls: [webhookUrl] }
      try {
        await send(call, 'partner/callback', body)
        return true
      } catch (error) {
        if (error instanceof CrmError && REFUSALS.has(error.kind)) return false
        throw error
      }
    },
    usersOf: async (call, branchId) => {
      const url = `${call.app.apiUrl ?? BRANDS[brand].apiUrl}/api/v1/company_users/${branchId}`
      const { data } = await request(call, brand, { url, byUser: true })
      const users = z.array(Numbered).safeParse(data)
      if (!users.success) throw new CrmError('malformed', { reason: 'unexpected_shape', params: { area: 'users' } })
      return users.data.map((user) => user.id)
    },
    uninstall: async (call, branchId) =>
      void (await unlessMissing(async () => send(call, `${ofBranch(call, branchId)}/uninstall`, {}))),
    list: async (call) => {
      const branches = new Set<string>()
      for (let page = 1; page <= LIST_PAGES_MAX; page += 1) {
        const path = `application/${call.app.applicationId}/salons?page=${page}&count=${LIST_ROWS}`
        const { data } = await send(call, path)
        const rows = z.array(Numbered).safeParse(data).data
        if (!rows) throw new CrmError('malformed', { reason: 'not_a_list', params: { area: 'salons' } })
        for (const row of rows) branches.add(row.id)
        if (rows.length < LIST_ROWS) return branches
      }
      throw new CrmError('malformed', { reason: 'unexpected_shape', params: { area: 'salons' } })
    },
  }
}

/** What the vendor refuses by its own word; all else is tried again. */
const REFUSALS: ReadonlySet<CrmError['kind']> = new Set(['forbidden', 'not_found', 'rejected'])

/** A user, or a branch of the list. */
const Numbered = z.object({ id })

const Status = z.object({
  connection_status: orNull(z.object({ status: z.string(), created_at: z.string().nullish() })),
  logs: readable(z.object({ changed_at: z.string(), status_to: z.string() })),
})

/** The last time that it became pending; the log outlives an installation, and `created_at` may be of a former one. */
function stateIn(data: unknown): InstallState {
  const parsed = Status.safeParse(data)
  if (!parsed.success) throw new CrmError('malformed', { reason: 'unexpected_shape', params: { area: 'status' } })
  const { connection_status: connection, logs } = parsed.data
  const status = STATUSES[connection?.status ?? ''] ?? 'none'
  const begun = logs.flatMap((log) => (log.status_to === 'pending' ? [timeOf(log.changed_at)] : []))
  const times = [...begun, timeOf(connection?.created_at)].filter((time) => time !== null)
  return { status, begunAt: times.length > 0 ? new Date(Math.max(...times)) : null }
}

function timeOf(text: string | null | undefined): number | null {
  if (text == null) return null
  try {
    return Date.parse(instantOf(text, ZONE))
  } catch (error) {
    if (error instanceof TimeError) return null
    throw error
  }
}

interface Sent {
  readonly url: string
  /** Makes the request a POST. */
  readonly body?: unknown
  /** In the name of the system user. */
  readonly byUser?: true
}

async function request({ app, http }: MarketplaceCall, brand: Brand, { url, body, byUser }: Sent): Promise<Envelope> {
  const { partnerToken, userToken } = app
  const response = await http.request({
    url,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      accept: BRANDS[brand].accept,
      'content-type': 'application/json',
      authorization: () =>
        byUser && userToken
          ? `Bearer ${partnerToken.reveal()}, User ${userToken.reveal()}`
          : `Bearer ${partnerToken.reveal()}`,
    },
    expect: READABLE,
  })
  if (response.status === 204) return { success: true, data: null, meta: null }
  return unwrap(response, 'marketplace')
}

async function unlessMissing(read: () => Promise<Envelope>): Promise<Envelope | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'not_found') return null
    throw error
  }
}

async function readArrival(app: MarketplaceApp, search: URLSearchParams): Promise<Arrival | ArrivalFlaw> {
  const named = [...search].flatMap(([name, value]) => (/^salon_ids?(?:\[\d{0,3}\])?$/.test(name) ? [value] : []))
  const branchIds = [...new Set(named)]
  if (branchIds.length === 0 || !branchIds.every((one) => BRANCH.test(one))) return 'no_branch'
  const [data, signature] = [search.get('user_data'), search.get('user_data_sign')]
  if (data === null && signature === null) return { branchIds, userId: null }
  // A plus that nobody encoded has become a space.
  const bytes = decode(() => Uint8Array.fromBase64((data ?? '').replaceAll(' ', '+')))
  const mac = decode(() => Uint8Array.fromHex(signature ?? ''))
  const secret = new Uint8Array(new TextEncoder().encode(app.partnerToken.reveal()))
  if (!bytes || !mac || !(await verifyHmac(secret, mac, bytes))) return 'wrong_signature'
  const user = decode(() => z.object({ user_id: id }).parse(JSON.parse(new TextDecoder().decode(bytes))))
  return user ? { branchIds, userId: user.user_id } : 'wrong_signature'
}

function decode<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

const Event = z.object({ salon_id: id, application_id: id, event: z.string(), partner_token: z.string() })

async function readEvent(app: MarketplaceApp, body: unknown): Promise<MarketplaceEvent | 'forged' | null> {
  const token = z.object({ partner_token: z.string() }).safeParse(body).data?.partner_token ?? ''
  if (!(await isEqual(token, app.partnerToken.reveal()))) return 'forged'
  const { data } = Event.safeParse(body)
  if (!data || data.application_id !== app.applicationId || !BRANCH.test(data.salon_id)) return null
  const { salon_id: branchId, event } = data
  return event === 'uninstall' || event === 'freeze' ? { branchId, event } : null
}
