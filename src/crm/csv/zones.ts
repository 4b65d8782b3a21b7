// Zones as headers and cells name them → an IANA zone or an offset that `lib/time.ts` reads.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { canonicalZone, isTimeZone } from '#lib/time.ts'

/** RFC 5322, 4.3, and the zones of Europe. What stands for several zones of the world (BST, IST) is left out. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ...{ Z: 'Z', UTC: 'Z', GMT: 'Z', UT: 'Z', MSK: '+03:00', МСК: '+03:00', MSD: '+04:00' },
  ...{ EST: '-05:00', EDT: '-04:00', CST: '-06:00', CDT: '-05:00', MST: '-07:00', MDT: '-06:00', PST: '-08:00' },
  ...{ PDT: '-07:00', CET: '+01:00', CEST: '+02:00', MEZ: '+01:00', MESZ: '+02:00', EET: '+02:00', EEST: '+03:00' },
}

/** Names of whole zones. A word for Moscow is its zone: its clock was another until 2014. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ utc: 'UTC', gmt: 'UTC', ut: 'UTC', z: 'UTC' },
  ...{
    мск: 'Europe/Moscow',
    msk: 'Europe/Moscow',
    'московское время': 'Europe/Moscow',
    москва: 'Europe/Moscow',
    москве: 'Europe/Moscow',
  },
  ...{ 'moscow time': 'Europe/Moscow', 'московскому времени': 'Europe/Moscow' },
  ...{ 'eastern time': 'America/New_York', 'central time': 'America/Chicago', 'mountain time': 'America/Denver' },
  ...{
    'pacific time': 'America/Los_Angeles',
    et: 'America/New_York',
    ct: 'America/Chicago',
    pt: 'America/Los_Angeles',
  },
  ...{ arizona: 'America/Phoenix', alaska: 'America/Anchorage', hawaii: 'Pacific/Honolulu' },
  ...{ cet: 'Europe/Berlin', london: 'Europe/London', киев: 'Europe/Kyiv', київ: 'Europe/Kyiv' },
}

const OFFSET = /^(?:(UTC|GMT|MSK|МСК) ?)?([+−–-])(\d{1,2})(?::?([0-5]\d))?$/i

/** `+3`, `UTC+03:00`, `МСК+2` → `+03:00`, `+03:00`, `+05:00`. */
function offsetOf(text: string): string | null {
  const [, from, sign, hours = '', minutes = '00'] = OFFSET.exec(text) ?? []
  if (sign === undefined) return null
  const base = /^[mм]/i.test(from ?? '') ? 3 : 0
  const total = (Number(hours) * 60 + Number(minutes)) * (sign === '+' ? 1 : -1) + base * 60
  if (Math.abs(total) > 14 * 60) return null
  const two = (part: number) => String(part).padStart(2, '0')
  return `${total < 0 ? '-' : '+'}${two(Math.floor(Math.abs(total) / 60))}:${two(Math.abs(total) % 60)}`
}

/** A zone behind a time: `UTC`, `+0300`, `GMT+3`, `МСК` → `Z` or `+03:00`; null for anything else. */
export function offsetAfterTime(text: string): string | null {
  const zone = text.trim().replace(/^\((.*)\)$/, '$1')
  return ABBREVIATIONS[zone.toUpperCase()] ?? offsetOf(zone)
}

/** A cell in a column for the zone: an IANA name, an offset, `МСК`, `Eastern Time (US & Canada)`. */
export function readZone(cell: string): string | null {
  const text = cell.trim()
  if (text === '' || text.length > MATCHED_MAX) return null
  const name = NAMES[text.toLowerCase()] ?? NAMES[text.toLowerCase().replace(/ ?\(.*\)$/, '')] ?? offsetOf(text)
  if (name !== null) return name
  if (text.includes('/') && isTimeZone(text)) return canonicalZone(text)
  return ABBREVIATIONS[text.toUpperCase()] ?? null
}

/** The zone that a header of dates or times names: in brackets, behind a comma, or as its last word. */
export function headerZone(header: string): string | null {
  const text = header.slice(0, MATCHED_MAX)
  for (const part of text.split(/[,;()[\]]/).slice(1)) {
    const name = part.trim().replace(/^(?:в|по|in)\s/i, '')
    const zone = readZone(name) ?? readZone(name.replace(/ time ?zone$/i, ''))
    if (zone !== null) return zone
  }
  const last = /(?:^|[\s_])((?:UTC|GMT|MSK|МСК)(?: ?[+−–-] ?\d{1,2}(?::\d\d)?)?)$/i.exec(
    text.split(/[,;([]/)[0]?.trim() ?? '',
  )?.[1]
  return last === undefined ? null : readZone(last.replaceAll(' ', ''))
}
