// What 1C pushes. It has no webhooks of its own, so we publish a format and the customer's developer sends it. Pushes
// come late, twice or out of order and have no change time, so the document is read again. The pushed object only
// counts where the document may not be read.
import { parseEach } from '#crm/kit/webhook-events.ts'
import { EVENTS_MAX, type Webhook, type WebhookEvent } from '#crm/webhook.ts'
import { isEqual } from '#crypto/equal.ts'
import { verifyHmac } from '#crypto/hmac.ts'
import { mappingOf, openContextOnce } from '#crm/1c/account-context.ts'
import { fetchOne } from '#crm/1c/fetch-one.ts'
import { isRow, keyOf, type Row, textOf } from '#crm/1c/fields.ts'
import { externalIdOf, mapDocument } from '#crm/1c/map.ts'
import type { Settings } from '#crm/1c/settings.ts'

export const webhook: Webhook<Settings> = {
  // The address alone identifies the sender. A secret is optional until it was shown, and a wrong one is refused.
  verify: async ({ headers, bytes }, secret) => {
    const expected = secret.reveal()
    const signature = headers.get('x-signature')
    if (signature !== null) {
      const [hex = ''] = /[\da-f]{64}$/i.exec(signature) ?? []
      const key = Uint8Array.from(new TextEncoder().encode(expected))
      return (await verifyHmac(key, Uint8Array.fromHex(hex), bytes)) && 'shown'
    }
    const shown = headers.get('x-hook-token') ?? headers.get('authorization')
    if (shown === null) return 'absent'
    return (await isEqual(secretIn(shown), expected)) && 'shown'
  },
  parse: (body) => {
    const parsed = parseEach(body, '1C', toEvents)
    const isTooMuch = parsed.type === 'events' && parsed.events.length > EVENTS_MAX
    return isTooMuch ? { type: 'unreadable', reason: `more than ${EVENTS_MAX} events` } : parsed
  },
  // The body is part of the id, since some senders use the same key for every change of a document.
  deliveryId: ({ headers, bytes }) => {
    const key = headers.get('idempotency-key')
    return key && `${key}\n${new TextDecoder().decode(bytes)}`
  },
  map: async (session, { hint, object }) => {
    const context = await openContextOnce(session)
    const [entitySet, key] = hint?.externalId.split(':') ?? []
    const spec = context.specs.find((one) => one.entitySet === entitySet)
    const row = inEnglish(object)
    // Only the base can tell whether a document passes the filter.
    if (spec?.filter !== null || !('Posted' in row)) return null
    return mapDocument({ ...row, Ref_Key: key }, mappingOf(context, spec))
  },
  // A document that is not counted, or that this user may not see, yields no records.
  read: async (session, hint) => {
    const record = await fetchOne(session, hint)
    return record.type === 'none' ? [] : [record]
  },
  reply: (outcome) => {
    const events = outcome.type === 'accepted' ? outcome.events : []
    const results = events.map(({ hint }) => ({ ref_key: hint?.externalId.split(':')[1], ok: hint !== null }))
    const accepted = results.filter(({ ok }) => ok).length
    const body = JSON.stringify({ ok: outcome.type === 'accepted', accepted, results })
    return { status: STATUSES[outcome.type], contentType: 'application/json', body }
  },
  steps: {
    en: 'Have your 1C developer paste the code from “Connecting 1C” with the address {url} and secret {secret}.',
    ru: 'Пусть специалист 1С вставит код из «Как подключить 1С» с адресом {url} и секретом {secret}.',
  },
}

const STATUSES = { accepted: 200, unreadable: 400, unverified: 401, too_large: 413 }

/** The secret in a bare value, in `Bearer <secret>`, or in `Basic` with any user name. */
function secretIn(shown: string): string {
  const [, basic, value = ''] = /^(?:bearer\s+|(basic\s+))?(\S+)$/i.exec(shown) ?? []
  if (!basic) return value
  try {
    return atob(value).replace(/^[^:]*:/, '')
  } catch {
    return ''
  }
}

/** `Document_X`, or the result of `ПолноеИмя()`. */
const ENTITY = /^(?:Document_|Документ\.)([\p{L}\p{N}_]+)$/u

/** Every event has its document read again. An event that does not name one is left to the next live sync. */
function toEvents(raw: unknown): WebhookEvent[] | null {
  const row = inEnglish(raw)
  const { event, entity, object } = row
  const [, name] = ENTITY.exec(textOf(entity)) ?? []
  const key = keyOf(row)
  if (event === 'ping' || (entity && key !== null && !name)) return []
  if (!name || key === null) return null
  const externalId = externalIdOf(`Document_${name}`, key)
  return [{ hint: { externalId }, account: null, version: textOf(row['DataVersion']) || null, object }]
}

/** Names from 1C's own language that developers use instead of the OData names. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ref_key: 'Ref_Key',
    Ссылка: 'Ref_Key',
    data_version: 'DataVersion',
    ВерсияДанных: 'DataVersion',
    Дата: 'Date',
    Проведен: 'Posted',
    ПометкаУдаления: 'DeletionMark',
  }),
)

function inEnglish(value: unknown): Row {
  const row = isRow(value) ? value : {}
  return { ...Object.fromEntries(Object.entries(row).map(([name, one]) => [NAMES.get(name) ?? name, one])), ...row }
}
