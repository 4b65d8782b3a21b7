// The calling code by which a business's national phone numbers are read.
import json from '#lib/phone-metadata.json' with { type: 'json' }

/** What is known of where a business is. */
export interface Whereabouts {
  /** ISO 3166, as the vendor says it. */
  readonly country?: string | null | undefined
  /** ISO 4217. */
  readonly currency?: string | undefined
  /** IANA. */
  readonly timezone?: string | undefined
}

const RUSSIA = '7'
/** Used in many countries, so the zone decides. */
const SHARED_CURRENCIES = new Set(['EUR', 'USD'])

/** Zones of countries that use the euro, or in which businesses keep accounts in euros or dollars. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  AE: ['Asia/Dubai'],
  AM: ['Asia/Yerevan'],
  AT: ['Europe/Vienna'],
  AZ: ['Asia/Baku'],
  BE: ['Europe/Brussels'],
  BG: ['Europe/Sofia'],
  BY: ['Europe/Minsk'],
  CA: ['St_Johns', 'Halifax', 'Toronto', 'Winnipeg', 'Regina', 'Edmonton', 'Vancouver'].map(
    (city) => `America/${city}`,
  ),
  CY: ['Asia/Nicosia', 'Asia/Famagusta', 'Europe/Nicosia'],
  CZ: ['Europe/Prague'],
  DE: ['Europe/Berlin', 'Europe/Busingen'],
  EC: ['America/Guayaquil'],
  EE: ['Europe/Tallinn'],
  ES: ['Europe/Madrid', 'Atlantic/Canary', 'Africa/Ceuta'],
  FI: ['Europe/Helsinki'],
  FR: ['Europe/Paris'],
  GB: ['Europe/London'],
  GE: ['Asia/Tbilisi'],
  GR: ['Europe/Athens'],
  HR: ['Europe/Zagreb'],
  ID: ['Asia/Jakarta', 'Asia/Makassar'],
  IE: ['Europe/Dublin'],
  IL: ['Asia/Jerusalem'],
  IT: ['Europe/Rome'],
  KG: ['Asia/Bishkek'],
  LT: ['Europe/Vilnius'],
  LU: ['Europe/Luxembourg'],
  LV: ['Europe/Riga'],
  MD: ['Europe/Chisinau'],
  ME: ['Europe/Podgorica'],
  MT: ['Europe/Malta'],
  NL: ['Europe/Amsterdam'],
  PA: ['America/Panama'],
  PL: ['Europe/Warsaw'],
  PR: ['America/Puerto_Rico'],
  PT: ['Europe/Lisbon', 'Atlantic/Madeira', 'Atlantic/Azores'],
  RS: ['Europe/Belgrade'],
  SI: ['Europe/Ljubljana'],
  SK: ['Europe/Bratislava'],
  SV: ['America/El_Salvador'],
  TH: ['Asia/Bangkok'],
  TJ: ['Asia/Dushanbe'],
  TM: ['Asia/Ashgabat'],
  TR: ['Europe/Istanbul'],
  UA: ['Europe/Kyiv', 'Europe/Kiev'],
  US: [
    ...['New_York', 'Detroit', 'Indiana/Indianapolis', 'Kentucky/Louisville', 'Chicago', 'Denver', 'Boise'],
    ...['Phoenix', 'Los_Angeles', 'Anchorage', 'Juneau', 'Adak'],
  ]
    .map((city) => `America/${city}`)
    .concat('Pacific/Honolulu'),
  UZ: ['Asia/Tashkent', 'Asia/Samarkand'],
}
const COUNTRY_OF_ZONE = new Map(
  Object.entries(ZONES).flatMap(([country, zones]) => zones.map((zone) => [zone, country])),
)
const CODES = new Map(
  Object.entries(json.countries).flatMap(([country, [code]]) => (typeof code === 'string' ? [[country, code]] : [])),
)

/** By the vendor's word, else by the currency, else by the zone; Russia's when none of them says it. */
export function callingCodeOf({ country, currency, timezone }: Whereabouts): string {
  const ofZone = CODES.get(COUNTRY_OF_ZONE.get(timezone ?? '') ?? '')
  return CODES.get(country?.trim().toUpperCase() ?? '') ?? ofCurrency(currency) ?? ofZone ?? RUSSIA
}

/** The first two letters of a national currency are its country's (ISO 4217). */
function ofCurrency(currency = ''): string | undefined {
  return SHARED_CURRENCIES.has(currency) ? undefined : CODES.get(currency.slice(0, 2))
}

/** Vendors write `+7` and `007` too. Russia's for a code that no country has. */
export function knownCallingCode(code: string): string {
  const digits = code.replaceAll(/^0+|\D/g, '')
  return Object.hasOwn(json.country_calling_codes, digits) ? digits : RUSSIA
}
