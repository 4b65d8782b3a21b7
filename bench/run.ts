// npm run bench [-- --only claim --rows 100000 --mb 10,100 --smoke]: a table for people, then JSON lines for machines.
// Exits with 1 when a bench breaks, or when a budget is missed; the sizes of --smoke judge no budget.
import { parseArgs } from 'node:util'
import { measureApiRead } from './api-read.ts'
import { measureBundle, measureStartup } from './bundle.ts'
import { measureCheck } from './check.ts'
import { measureClaim } from './claim.ts'
import { measureCsv } from './csv.ts'
import { measureCosts } from './costs.ts'
import { openDatabase, shareServer } from './database.ts'
import { measureEvents } from './events.ts'
import { isKept, isMeasured, type Line, print } from './measure.ts'
import { measurePageWrite } from './page-write.ts'
import { measurePage } from './page.ts'
import { measurePages } from './pages.ts'
import { measureScale } from './scale.ts'
import { FULL, SMOKE } from './sizes.ts'
import { measureUnit } from './unit.ts'
import { measureWebhooks } from './webhooks.ts'
import { measureXlsx } from './xlsx.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string' },
    mb: { type: 'string' },
    integrations: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
const sizes = values.smoke ? SMOKE : FULL
const rows = values.rows === undefined ? null : Number(values.rows)
const megabytes = values.mb?.split(',').map(Number) ?? sizes.csv.megabytes
const pages = rows === null ? sizes.pages : { ...sizes.pages, few: Math.ceil(rows / 100), many: rows }
const write = { ...sizes.write, stored: rows ?? sizes.write.stored }

const scale = { ...sizes.scale, integrations: values.integrations?.split(',').map(Number) ?? sizes.scale.integrations }

const shared = values.smoke ? await shareServer() : null
const open = shared?.openDatabase ?? openDatabase

const BENCHES: Readonly<Record<keyof typeof FULL, () => Promise<Line[] | null>>> = {
  bundle: async () => [...measureBundle(), measureStartup(sizes.bundle.starts)],
  page: async () => measurePage(sizes.page),
  pages: async () => measurePages(open, pages),
  claim: async () => measureClaim(open, sizes.claim),
  read: async () => measureApiRead(open, sizes.read),
  webhooks: async () => measureWebhooks(open, sizes.webhooks),
  csv: async () => measureCsv(open, { ...sizes.csv, megabytes }),
  scale: async () => measureScale(scale),
  costs: async () => measureCosts(),
  check: async () => measureCheck(open, rows === null ? sizes.check : { ...sizes.check, sales: rows }),
  xlsx: async () => measureXlsx(open, sizes.xlsx),
  write: async () => measurePageWrite(open, write),
  events: async () => measureEvents(open, sizes.events),
  unit: async () => measureUnit(open, rows === null ? sizes.unit : { ...sizes.unit, stored: rows }),
}

const lines: Line[] = []
try {
  for (const [name, measure] of Object.entries(BENCHES)) {
    if (values.only !== undefined && values.only !== name) continue
    const measured = await measure()
    if (measured === null) {
      console.log(`${name}: not on this system`)
      continue
    }
    if (measured.length === 0 || !measured.every(isMeasured)) throw new Error(`${name} measured nothing`)
    lines.push(...measured)
  }
} finally {
  await shared?.close()
}
print(values.smoke ? lines.map((line) => ({ ...line, budget: null })) : lines)
process.exit(values.smoke || lines.every(isKept) ? 0 : 1)
