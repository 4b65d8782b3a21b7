// npm run bench [-- --rows 100000]: a table for people, then JSON lines for machines. Exits with 1 when a budget is missed.
import { parseArgs } from 'node:util'
import { measureApiRead } from './api-read.ts'
import { createBenchEnv } from './env.ts'
import { measureBundle, measureStartup } from './bundle.ts'
import { measureClaim } from './claim.ts'
import { measureCsv } from './csv.ts'
import { isKept, type Line, print } from './measure.ts'
import { measurePageWrite } from './page-write.ts'
import { measurePages } from './pages.ts'
import { measureWebhooks } from './webhooks.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    only: { type: 'string' },
    mb: { type: 'string', default: '10,100' },
  },
})
const isWanted = (name: string) => values.only === undefined || values.only === name

const lines: Line[] = []
if (isWanted('bundle')) lines.push(...measureBundle(), measureStartup())
if (isWanted('pages')) lines.push(...(await measurePages(Number(values.rows))))
if (isWanted('claim')) lines.push(...(await measureClaim()))
const bed = await createBenchEnv()
try {
  if (isWanted('read')) lines.push(...(await measureApiRead(bed)))
  if (isWanted('webhooks')) lines.push(...(await measureWebhooks(bed)))
  if (isWanted('csv')) lines.push(...(await measureCsv(bed, values.mb.split(',').map(Number))))
  if (isWanted('write')) lines.push(...(await measurePageWrite(bed, Number(values.rows))))
} finally {
  await bed.close()
}
print(lines)
if (!lines.every(isKept)) process.exitCode = 1
process.exit()
