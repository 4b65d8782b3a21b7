// npm run chaos [-- --only start|page|storm|restore|gap|memory|refresh|csv|webhooks|keys|events|marketplace|check
// |hostile --rounds 300 --kills 72 --integrations 20 --records 1000000 --seconds 600 --seed 1 --types iiko,1c
// --parts iiko,reconnect --smoke]: long proofs. `--parts`: of the page only the ways of these CRMs, and these troubles.
// Prints what it saw as JSON; exits with 1 when anything that must be 0 is not.
import { parseArgs } from 'node:util'
import { openDatabase, shareServer } from '#bench/database.ts'
import { proveCheck } from './check.ts'
import { proveCsv } from './csv.ts'
import { proveEvents } from './events.ts'
import { proveGap } from './gap.ts'
import { proveHostile } from './hostile.ts'
import { proveHooks } from './hooks.ts'
import { proveKeys } from './keys.ts'
import { proveMarketplace } from './marketplace.ts'
import { proveMemory } from './memory.ts'
import { partsOf, provePage } from './page.ts'
import { proveRefresh } from './refresh.ts'
import { FULL, SMOKE } from './sizes.ts'
import { proveRestore } from './restore.ts'
import { proveStart } from './start.ts'
import { proveStorm } from './storm.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    integrations: { type: 'string' },
    seed: { type: 'string', default: '1' },
    records: { type: 'string' },
    kills: { type: 'string' },
    seconds: { type: 'string' },
    types: { type: 'string' },
    parts: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
const sizes = values.smoke ? SMOKE : FULL
const seed = Number(values.seed)
const numberOr = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Number(text))
const roundsOr = (otherwise: number) => numberOr(values.rounds, otherwise)
const recordsOr = (otherwise: number) => numberOr(values.records, otherwise)

const shared = values.smoke ? await shareServer() : null
const open = shared?.openDatabase ?? openDatabase

interface Report {
  readonly wrong: Readonly<Record<string, number>>
}

const PROOFS: Readonly<Record<keyof typeof FULL, () => Promise<Report>>> = {
  start: async () => proveStart(sizes.start),
  page: async () => provePage(partsOf(sizes.page, values.parts?.split(','))),
  gap: async () => proveGap(open, { ...sizes.gap, seed }),
  memory: async () => proveMemory(open, { ...sizes.memory, records: recordsOr(sizes.memory.records) }),
  refresh: async () => proveRefresh(open, { ...sizes.refresh, rounds: roundsOr(sizes.refresh.rounds), seed }),
  csv: async () => proveCsv(open, { ...sizes.csv, rows: recordsOr(sizes.csv.rows) }),
  webhooks: async () =>
    proveHooks(open, { ...sizes.webhooks, kills: numberOr(values.kills, sizes.webhooks.kills), seed }),
  keys: async () => {
    const { integrations } = sizes.keys
    return proveKeys(open, { ...sizes.keys, integrations: numberOr(values.integrations, integrations), seed })
  },
  storm: async () => {
    const { rounds, integrations } = sizes.storm
    const size = { rounds: roundsOr(rounds), integrations: numberOr(values.integrations, integrations) }
    return proveStorm(open, { ...size, seed })
  },
  events: async () => proveEvents(open, { ...sizes.events, rounds: roundsOr(sizes.events.rounds), seed }),
  restore: async () => {
    const { integrations, edits } = sizes.restore
    return proveRestore({ integrations: numberOr(values.integrations, integrations), edits, seed })
  },
  marketplace: async () => proveMarketplace(open, { ...sizes.marketplace, rounds: roundsOr(sizes.marketplace.rounds) }),
  check: async () => {
    const { seeds, types } = sizes.check
    return proveCheck(open, { seeds: roundsOr(seeds), types: values.types?.split(',') ?? types, seed })
  },
  hostile: async () => {
    const { seconds, bystanders } = sizes.hostile
    const size = { seconds: numberOr(values.seconds, seconds), bystanders: numberOr(values.integrations, bystanders) }
    return proveHostile(open, { ...sizes.hostile, ...size, seed })
  },
}

let isRight = true
try {
  for (const [name, prove] of Object.entries(PROOFS)) {
    if (values.only !== undefined && values.only !== name) continue
    const found = await prove()
    console.log(JSON.stringify({ proof: name, ...found }, null, 2))
    if (Object.values(found.wrong).some((count) => count !== 0)) isRight = false
  }
} finally {
  await shared?.close()
}
console.log(isRight ? 'chaos: all that must be 0 is 0' : 'chaos: SOMETHING IS WRONG, see `wrong` above')
process.exit(isRight ? 0 : 1)
