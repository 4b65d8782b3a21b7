// npm run chaos [-- --only storm|gap|memory|refresh|csv|webhooks --rounds 300 --kills 72 --integrations 20
// --records 1000000 --seed 1]: the long proofs.
// Prints what it saw as JSON; exits with 1 when anything that must be 0 is not.
import { parseArgs } from 'node:util'
import { gap } from './gap.ts'
import { hooks } from './hooks.ts'
import { memory } from './memory.ts'
import { refresh } from './refresh.ts'
import { killed } from './csv.ts'
import { storm } from './storm.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    integrations: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    records: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '72' },
  },
})
const isWanted = (name: string) => values.only === undefined || values.only === name
const seed = Number(values.seed)
let isRight = true

function report(name: string, found: { readonly wrong: Readonly<Record<string, number>> }): void {
  console.log(JSON.stringify({ proof: name, ...found }, null, 2))
  if (Object.values(found.wrong).some((count) => count !== 0)) isRight = false
}

if (isWanted('gap')) report('gap', await gap({ changes: 10_000, writers: 4, seed }))
if (isWanted('memory')) report('memory', await memory(Number(values.records)))
if (isWanted('refresh')) report('refresh', await refresh({ rounds: Number(values.rounds ?? 200), seed }))
if (isWanted('csv')) report('csv', await killed(Number(values.records)))
if (isWanted('webhooks')) report('webhooks', await hooks({ rounds: Number(values.kills), seed }))
if (isWanted('storm')) {
  report(
    'storm',
    await storm({ rounds: Number(values.rounds ?? 300), integrations: Number(values.integrations), seed }),
  )
}
console.log(isRight ? 'chaos: all that must be 0 is 0' : 'chaos: SOMETHING IS WRONG, see `wrong` above')
process.exit(isRight ? 0 : 1)
