// The part of the environment about the service's apps in vendors' marketplaces, by brand.
import * as z from 'zod'
import type { MarketplaceApp } from '#crm/marketplace.ts'
import { Secret } from '#lib/secret.ts'

const BRANDS = ['YCLIENTS', 'ALTEGIO'] as const
const VENDOR_ORIGIN = 'expected an origin such as http://127.0.0.1:4000'
const RETURN_PAGE = 'expected the https URL of the page that finishes an installation'

const application = () => z.string().regex(/^\d{1,12}$/, 'expected the number of the app in the developer’s account')
const origin = () => z.string().refine((value) => URL.canParse(value) && new URL(value).origin === value, VENDOR_ORIGIN)

export const marketplaceVariables = () => ({
  YCLIENTS_PARTNER_TOKEN: z.string().optional(),
  YCLIENTS_APPLICATION_ID: application().optional(),
  YCLIENTS_USER_TOKEN: z.string().optional(),
  YCLIENTS_API_URL: origin().optional(),
  ALTEGIO_PARTNER_TOKEN: z.string().optional(),
  ALTEGIO_APPLICATION_ID: application().optional(),
  ALTEGIO_USER_TOKEN: z.string().optional(),
  ALTEGIO_API_URL: origin().optional(),
  MARKETPLACE_RETURN_URL: z.url({ protocol: /^https?$/, error: RETURN_PAGE }).optional(),
})

type Variables = z.infer<z.ZodObject<ReturnType<typeof marketplaceVariables>>>

interface Problem {
  readonly variable: string
  readonly expected: string
}

export function marketplaceProblems(env: Variables, isProduction: boolean): readonly Problem[] {
  const halves = BRANDS.filter((brand) => {
    const [token, applicationId] = [env[`${brand}_PARTNER_TOKEN`], env[`${brand}_APPLICATION_ID`]]
    const isHalf = (token === undefined) !== (applicationId === undefined)
    return isHalf || (token === undefined && env[`${brand}_USER_TOKEN`] !== undefined)
  })
  const isUsed = Object.keys(marketplacesOf(env)).length > 0
  const isLost = isProduction && isUsed && env.MARKETPLACE_RETURN_URL === undefined
  return [
    ...halves.map((brand) => ({
      variable: `${brand}_PARTNER_TOKEN, ${brand}_APPLICATION_ID`,
      expected: `expected both or neither, and ${brand}_USER_TOKEN only with them`,
    })),
    ...(isLost ? [{ variable: 'MARKETPLACE_RETURN_URL', expected: RETURN_PAGE }] : []),
  ]
}

/** Which variables have a value that is for local environments only. */
export function localMarketplaces(env: Variables): Readonly<Record<string, boolean>> {
  return {
    ...Object.fromEntries(BRANDS.map((brand) => [`${brand}_API_URL`, env[`${brand}_API_URL`] !== undefined])),
    MARKETPLACE_RETURN_URL: env.MARKETPLACE_RETURN_URL?.startsWith('http:') === true,
  }
}

export function marketplacesOf(env: Variables): Readonly<Record<string, MarketplaceApp>> {
  const entries = BRANDS.flatMap((brand): [string, MarketplaceApp][] => {
    const [token, applicationId] = [env[`${brand}_PARTNER_TOKEN`], env[`${brand}_APPLICATION_ID`]]
    const user = env[`${brand}_USER_TOKEN`]
    if (token === undefined || applicationId === undefined) return []
    const secrets = { partnerToken: new Secret(token), userToken: user === undefined ? null : new Secret(user) }
    return [[brand.toLowerCase(), { applicationId, ...secrets, apiUrl: env[`${brand}_API_URL`] ?? null }]]
  })
  return Object.fromEntries(entries)
}

/** The operator's own choice of a vendor is no tenant's, so it may be called. */
export function vendorOrigins(env: Variables): readonly string[] {
  return BRANDS.flatMap((brand) => env[`${brand}_API_URL`] ?? [])
}
