// What strangers and tenants send. Each attack is a few requests; none of them may cost others anything.
import { randomBytes } from 'node:crypto'
import type { Bystander } from './bystanders.ts'
import type { Traffic } from './hostile-traffic.ts'

export interface Stage extends Pick<Traffic, 'send' | 'listen'> {
  readonly random: () => number
  readonly adminToken: string
  /** A tenant who means harm: its tokens and integrations. */
  readonly tenant: {
    readonly token: string
    readonly businessId: string
    readonly csvToken: string
    readonly csvId: string
    readonly id: string
  }
  readonly bystanders: readonly Bystander[]
}

export type Attack = (stage: Stage) => Promise<unknown>

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const TYPES = ['yclients', 'iiko', '1c', 'amo_crm', 'renovatio']
const FORGED_IDS = 13_000

export const one = <T>(list: readonly T[], random: () => number): T => {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('an empty list')
  return found
}
const filled = (part: string, bytes: number) => part.repeat(Math.ceil(bytes / part.length))
const numbered = (count: number, part: (n: number) => string, separator = '') =>
  Array.from({ length: count }, (_, n) => part(n)).join(separator)
const randomToken = () => randomBytes(33).toString('base64url').slice(0, 43)

const FORMS = [
  filled('a[]=&', 900_000),
  `a${filled('[b]', 900_000)}=1`,
  numbered(60_000, (n) => `a[${n}]=`, '&'),
  filled('a[b][]=&', 900_000),
  `leads[add][0][id]=${filled('9', 900_000)}`,
  filled('%', 900_000),
  `__proto__[x]=1&constructor[prototype][y]=1&leads[__proto__][0][id]=1`,
]
const JSONS = [
  filled('[', 900_000),
  `${filled('{"a":', 900_000)}1`,
  `[${filled('{},', 900_000)}{}]`,
  `{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}},"company_id":1}`,
  `{"company_id":1,"resource":"record","resource_id":"\\u0000","status":"\\ud800","data":{}}`,
  `{${numbered(40_000, (n) => `"k${n}":0`, ',')}}`,
  `{"resource_id":${filled('9', 500_000)}}`,
  '{"resource_id":1e999999,"company_id":-0}',
]
/** Bodies that name 13,000 changes, as each CRM would name them. */
const MANY: Readonly<Record<string, () => readonly [Readonly<Record<string, string>>, string]>> = {
  amo_crm: () => [FORM, numbered(FORGED_IDS, (n) => `leads[add][${n}][id]=${n + 900_000_000}`, '&')],
  yclients: () => [
    JSON_TYPE,
    events((n) => ({ company_id: 540_112, resource: 'record', resource_id: n, status: 'update' })),
  ],
  '1c': () => [
    JSON_TYPE,
    events((n) => ({ entity: 'Document_ЧекККМ', Ref_Key: `00000000-0000-4000-8000-${String(n)}` })),
  ],
  iiko: () => [JSON_TYPE, events((n) => ({ eventType: 'DeliveryOrderUpdate', eventInfo: { id: String(n) } }))],
  renovatio: () => [
    FORM,
    `event=update_appointment&${numbered(FORGED_IDS, (n) => `data[${n}][id]=${n + 900_000_000}&data[${n}][clinic_id]=1`, '&')}`,
  ],
}

const events = (event: (n: number) => unknown) =>
  `[${numbered(FORGED_IDS, (n) => JSON.stringify(event(n + 900_000_000)), ',')}]`

const HEADER = 'id;дата;сумма;email;телефон\n'
const row = (id: string, rest: string) => `${id};01.02.2026;100;${rest}\n`
const FILES: readonly (string | Uint8Array)[] = [
  `${HEADER}${numbered(12, (n) => row(String(n), `a@${filled('.', 60_000)}@;${filled('1, ', 60_000)}`))}`,
  `${filled('((((', 60_000)};${filled('[', 60_000)};сумма\n1;2;3\n`,
  `${HEADER}1;"${filled('"', 1_500_000)}`,
  `${HEADER}${filled('"";', 1_500_000)}`,
  `${filled(';', 60_000)}\n`,
  `${HEADER}${numbered(200, () => row(filled('9', 5000), '\u0000;\u0000'))}`,
  `${HEADER}1;${filled('1 янв ', 60_000)};${filled('1.', 60_000)};;\n2;${filled('1:00 ', 60_000)};${filled('e+', 60_000)};;\n`,
  `${HEADER}=cmd|' /C calc'!A0;01.02.2026;\n@SUM(1);0000-00-00;-${filled('0', 60_000)}1;;\n`,
  Buffer.concat([Buffer.from('PK\u0003\u0004'), randomBytes(300_000)]),
  randomBytes(300_000),
  Buffer.from(filled('\ud800', 3000), 'utf16le'),
]

const TOKENS = [
  'x',
  filled('a', 7000),
  'e30.e30.',
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"scope":"admin"}').toString('base64url')}.`,
  `${Buffer.from('{"alg":"HS256","kid":"../../x"}').toString('base64url')}.e30.${filled('A', 43)}`,
  filled('.', 5000),
]
const CURSORS = [
  '%00',
  'eyJ0IjoiMDAwMCJ9',
  filled('A', 4000),
  Buffer.from('["0000-01-01T00:00:00Z","x"]').toString('base64url'),
]
const TIMES = ['0000-01-01T00:00:00Z', '9999-99-99', '2026-01-01T00:00:00%2B16:00', '-271821-04-20', '%00', '1e400']

const spelled = (random: () => number, zone = 'Europe/Moscow') =>
  zone.replaceAll(/[a-z]/gi, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter.toLowerCase()))

function hookOf(random: () => number): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  return random() < 0.5 ? { headers: FORM, body: one(FORMS, random) } : { headers: JSON_TYPE, body: one(JSONS, random) }
}

/** The address of one of those who only work, and its CRM. */
function hookedOne({ bystanders, random }: Stage): readonly [string, string] {
  const { hookPath, type } = one(
    bystanders.filter((bystander) => bystander.hookPath !== null),
    random,
  )
  return [hookPath ?? '', type]
}

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'hook to a made-up address': async ({ send, random }) =>
    send('hook to a made-up address', `/webhooks/${one(TYPES, random)}/${randomToken()}`, hookOf(random)),
  'hook to a forged address': async (stage) => {
    const [path] = hookedOne(stage)
    // The random part of a true one, under a MAC that is not.
    const forged = `${path.slice(0, -15)}${randomToken().slice(0, 15)}`
    await stage.send('hook to a forged address', forged, hookOf(stage.random))
  },
  'hook of 13,000 ids': async (stage) => {
    const [path, type] = hookedOne(stage)
    const [headers, body] = MANY[type]?.() ?? [JSON_TYPE, '[]']
    await stage.send('hook of 13,000 ids', path, { headers, body })
  },
  'junk to a true address': async (stage) =>
    stage.send('junk to a true address', hookedOne(stage)[0], hookOf(stage.random)),
  'JSON to the API': async ({ send, random, tenant: { token, id } }) => {
    const sent = { token, headers: JSON_TYPE, body: one(JSONS, random) }
    await send('JSON to the API', '/v1/integrations', sent)
    await send('JSON to the API', `/v1/integrations/${id}`, { ...sent, method: 'PATCH' })
    await send('JSON to the API', `/v1/integrations/${id}/backfill`, { ...sent, body: { from: one(TIMES, random) } })
  },
  'settings as large as can be': async ({ send, tenant: { token, id } }) => {
    const additionalConfig = { companyId: '1', junk: numbered(200, (n) => String(n)), more: filled('ж', 15_000) }
    await send('settings as large as can be', `/v1/integrations/${id}`, {
      method: 'PATCH',
      token,
      body: { additionalConfig },
    })
    const huge = { additionalConfig: { companyId: '1', more: filled('x', 1_000_000) } }
    await send('settings as large as can be', `/v1/integrations/${id}`, { method: 'PATCH', token, body: huge })
  },
  'time zones in other spellings': async ({ send, random, adminToken, tenant: { token, id, businessId } }) => {
    const timezone = spelled(random)
    const additionalConfig = { companyId: '540112', timezone }
    await send('time zones in other spellings', `/v1/integrations/${id}`, {
      method: 'PATCH',
      token,
      body: { additionalConfig },
    })
    const business = { name: '\ud800\u0000', timezone, currency: 'RUB' }
    for (const body of [business, { ...business, name: 'Салон' }]) {
      await send('time zones in other spellings', `/v1/businesses/${businessId}`, {
        method: 'PUT',
        token: adminToken,
        body,
      })
    }
  },
  'CSV preview': async ({ send, random, tenant: { csvToken: token, csvId } }) =>
    send('CSV preview', `/v1/integrations/${csvId}/imports/preview`, {
      ...{ token, headers: { 'content-type': 'text/csv' }, body: one(FILES, random) },
    }),
  'CSV import': async ({ send, random, tenant: { csvToken: token, csvId } }) => {
    const body = one(FILES, random)
    const headers = { 'content-type': 'text/csv' }
    const { json } = await send('CSV import', `/v1/integrations/${csvId}/imports`, { token, headers, body })
    const path = `/v1/integrations/${csvId}/imports/${String(json['id'])}/errors.csv`
    await send('CSV import', path, { token })
  },
  'junk for tokens': async ({ send, random }) =>
    send('junk for tokens', '/v1/integrations', { token: one(TOKENS, random) }),
  'reads of impossible places': async ({ send, random, tenant: { token, id } }) => {
    const path = `/v1/integrations/${id}`
    const attack = 'reads of impossible places'
    await send(attack, `${path}/transactions?cursor=${one(CURSORS, random)}`, { token })
    await send(attack, `${path}/transactions?from=${one(TIMES, random)}&to=${one(TIMES, random)}`, { token })
    await send(attack, `${path}/changes?after=99999999999999999999`, { token })
    await send(attack, `${path}/runs?status=%00&limit=1e3`, { token })
    await send(attack, `/v1/integrations/${filled('a', 3000)}`, { token })
  },
  'streams opened and dropped': async ({ send, listen, random, tenant: { token, id } }) => {
    const attack = 'streams opened and dropped'
    const { json } = await send(attack, `/v1/integrations/${id}/sync`, { method: 'POST', token })
    const path = `/v1/integrations/${id}/runs/${String(json['id'])}/events`
    await Promise.all(Array.from({ length: 5 }, async () => listen(attack, path, { token, forMs: random() * 3000 })))
  },
}
