// A till that puts its sales as a CSV file on a web server, as back offices and shared drives do: one address, a tag
// that changes with the content, and a table that Excel in Russia would have written.
import { Hono } from 'hono'
import * as z from 'zod'
import { localDateTime } from '#lib/time.ts'
import { createFaults, seeded } from '#sandbox/faults.ts'
import { addInside, type Sandbox } from '#sandbox/sandbox.ts'

export interface CsvOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  readonly seed?: number
}

interface Receipt {
  readonly number: string
  readonly at: Date
  /** A refund's are negative. */
  readonly kopecks: number
  readonly name: string
  readonly phone: string
}

export interface CsvSandbox extends Sandbox {
  readonly app: Hono
  readonly receipts: Receipt[]
  readonly requests: string[]
  readonly sell: (kopecks: number, at?: Date) => Receipt
  /** What the server answers instead of the file. */
  status: 200 | 401 | 403 | 404
  /** What a proxy or a site answers instead of the file. */
  page: { readonly status: number; readonly body: string } | null
  /** An unknown column. */
  unknownFields: boolean
  /** The server knows of no tags. */
  isPlain: boolean
  /** The till is just writing the file anew. */
  isEmpty: boolean
  readonly ledger: () => readonly {
    readonly externalId: string
    readonly status: 'paid'
    readonly amountMinor: number
    readonly occurredAt: string
  }[]
}

const ZONE = 'Europe/Moscow'
const DEMO_RECEIPTS = 1200
const DEMO_DAYS = 60
/** In a column that is no part of a sale: it may never be stored or shown. */
export const PASSPORT = '4509 123456'
const NAMES = ['Анна Белова', 'ООО "Ромашка"', 'Пётр; кафе', '', 'Мария Кедрова', 'Дмитрий Орлов']

export function createCsvSandbox({ now = () => new Date(), demo = false, seed = 7 }: CsvOptions = {}): CsvSandbox {
  const receipts: Receipt[] = []
  const random = seeded(seed)
  const add = (number: string, kopecks: number, at: Date) => {
    const name = NAMES[Math.floor(random() * NAMES.length)] ?? ''
    const phone = random() < 0.7 ? `+7900${String(Math.floor(random() * 1e7)).padStart(7, '0')}` : ''
    const receipt = { number, at: new Date(Math.floor(at.getTime() / 1000) * 1000), kopecks, name, phone }
    receipts.push(receipt)
    return receipt
  }
  if (demo !== false) {
    const until = (demo === true ? now() : demo).getTime()
    for (let n = DEMO_RECEIPTS; n > 0; n -= 1) {
      const at = new Date(until - (n / DEMO_RECEIPTS) * DEMO_DAYS * 86_400_000)
      const kopecks = Math.floor(random() * 500_000) + 5000
      add(String(100_000 + DEMO_RECEIPTS - n), random() < 0.03 ? -kopecks : kopecks, at)
    }
  }
  const sandbox: CsvSandbox = {
    app: new Hono(),
    receipts,
    sell: (kopecks, at = now()) => add(String(1_000_000 + receipts.length), kopecks, at),
    ...{ faults: createFaults(seed), requests: [] },
    connection: { crmType: 'csv', credentials: {}, additionalConfig: {} },
    business: { name: 'Кофейня «Зерно»', timezone: ZONE, currency: 'RUB' },
    ...{ status: 200, page: null, unknownFields: false, isPlain: false, isEmpty: false },
    ledger: () =>
      receipts.map(({ number, at, kopecks }) => ({
        ...({ externalId: number, status: 'paid', amountMinor: kopecks, occurredAt: at.toISOString() } as const),
      })),
  }
  addFile(sandbox)
  const { app, faults, requests, ledger } = sandbox
  addInside(app, { faults, requests, ledger, edit: (input) => edit(sandbox, Edit.parse(input)) })
  return sandbox
}

/** The demo till of `npm start`. */
export function createCsvDemo(filledAt: Date): CsvSandbox {
  return createCsvSandbox({ demo: filledAt })
}

const Edit = z.object({ do: z.literal('sell'), rubles: z.number() })

function edit({ sell }: CsvSandbox, { rubles }: z.infer<typeof Edit>): unknown {
  return sell(Math.round(rubles * 100))
}

function addFile(sandbox: CsvSandbox): void {
  sandbox.app.get('/', (c) => {
    sandbox.requests.push('GET /')
    const { page } = sandbox
    if (page) return new Response(page.body, { status: page.status })
    if (sandbox.status !== 200) return refuse(sandbox.status)
    const body = sandbox.isEmpty ? '' : toCsv(sandbox)
    const etag = `"${sandbox.receipts.length}-${body.length}"`
    if (!sandbox.isPlain && c.req.header('if-none-match') === etag) return c.body(null, 304)
    return c.body(body, 200, {
      ...{ 'content-type': 'text/csv', 'content-length': String(new TextEncoder().encode(body).byteLength) },
      ...(!sandbox.isPlain && { etag }),
    })
  })
}

/** As stores of files say it themselves: they ask for a password, or send the XML that S3 documents. */
function refuse(status: 401 | 403 | 404): Response {
  if (status === 401) return new Response('no', { status, headers: { 'www-authenticate': 'Basic realm="sales"' } })
  const code = status === 403 ? 'AccessDenied' : 'NoSuchKey'
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>no</Message></Error>`
  return new Response(body, { status, headers: { 'content-type': 'application/xml' } })
}

function toCsv({ receipts, unknownFields }: CsvSandbox): string {
  const header = ['Номер операции', 'Дата и время', 'Сумма, руб.', 'Тип операции', 'Клиент', 'Телефон', 'Паспорт']
  const rows = receipts.map(({ number, at, kopecks, name, phone }) => {
    const local = localDateTime(at, ZONE)
    const day = `${local.slice(8, 10)}.${local.slice(5, 7)}.${local.slice(0, 4)} ${local.slice(11)}`
    const sum = `${Math.floor(Math.abs(kopecks) / 100)},${String(Math.abs(kopecks) % 100).padStart(2, '0')}`
    return [number, day, sum, kopecks < 0 ? 'Возврат прихода' : 'Приход', name, phone, PASSPORT]
  })
  const lines = [header, ...rows].map((cells) => (unknownFields ? [...cells, 'x'] : cells))
  return `\ufeff${lines.map((cells) => cells.map(quoted).join(';')).join('\r\n')}\r\nИтого;;${receipts.length}\r\n`
}

function quoted(cell: string): string {
  return /[;"\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
