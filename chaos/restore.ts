// The drill of a restore: the database goes back to an earlier time under syncing salons and readers of their feeds.
// At the end the database must equal the salons' books, and each reader the database.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterRestore, JUMP } from '#dev/after-restore.ts'
import { seeded } from '#sandbox/faults.ts'
import { openArchivedDatabase } from './archived-database.ts'
import { type Finding, inspect } from './inspect.ts'
import { Reader } from './reader.ts'
import { type Integration, openSalons, type Salon, simulateEdit } from './salons.ts'
import { type Service, startService } from './service.ts'
import { connect, settle, untilIdle } from './storm.ts'

const READ_MS = 2000

interface RestoreOptions {
  readonly integrations: number
  /** In each of the three times: before the backup, up to the time restored to, and after it. */
  readonly edits: number
  readonly seed: number
}

export interface RestoreReport extends Finding {
  /** Numbers that readers had read and the restored database did not know. */
  readonly lostChanges: number
  /** Changes after the restore that would have got such numbers: without new ones, readers would have missed them. */
  readonly savedChanges: number
  readonly restoredSeconds: number
  /** Sales that the feeds sent again. */
  readonly sentAgain: number
  /** What readers held of the lost time and nobody sent again: it exists neither here nor in the CRM. */
  readonly orphans: number
}

export async function proveRestore(options: RestoreOptions): Promise<RestoreReport> {
  const random = seeded(options.seed)
  const salons = await openSalons(options.integrations, options.seed)
  const database = await openArchivedDatabase()
  const service = await startService(async () => database, { origins: salons.map(({ url }) => url), tickSeconds: 1 })
  try {
    const integrations = await connect(service, salons)
    const readers = integrations.map(({ id }) => new Reader(service, id))
    const edit = async () => {
      for (let n = 0; n < options.edits; n += 1) simulateEdit(salonOf(salons, random), random)
      await untilIdle(service, integrations)
    }
    await edit()
    await database.backUp()
    await edit()
    const at = await database.now()
    await edit()
    const undone = sellForAMoment(salons)
    await untilIdle(service, integrations)
    await sleep(READ_MS)
    const read = readers.map(({ position }) => position)
    const startedAt = Date.now()
    // Meanwhile each salon takes back what only the readers know.
    await database.restoreTo(at, async () => undone())
    const restoredSeconds = Math.round((Date.now() - startedAt) / 1000)
    const known = await countersOf(service, integrations)
    const { sales: sentAgain } = await afterRestore(database.url)
    await edit()
    await settle(service, integrations)
    for (const reader of readers) await reader.stop()
    const orphans = sum(readers.map(forget))
    const finding = await inspect(service, integrations, readers)
    const saved = integrations.map(async ({ id }, n) => between(service, { id, from: known[n] ?? 0, to: read[n] ?? 0 }))
    const counts = { lostChanges: sum(read) - sum(known), savedChanges: sum(await Promise.all(saved)) }
    return { ...{ ...counts, restoredSeconds, sentAgain, orphans }, ...finding }
  } finally {
    await service.close()
    await Promise.all(salons.map(async ({ close }) => close()))
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

function salonOf(salons: readonly Salon[], random: () => number): Salon {
  const salon = salons[Math.floor(random() * salons.length)]
  if (!salon) throw new Error('no salon')
  return salon
}

/** Sells something in each salon, and returns how to take it back without a trace. */
function sellForAMoment(salons: readonly Salon[]): () => void {
  const sold = salons.map(({ sandbox: { salon } }) => {
    const documentId = salon.sell(salon.now(), [{ id: 3360, title: 'Шампунь', quantity: 1, kopecks: 77_700 }])
    return () => {
      for (const { id } of salon.saleOf(documentId)) salon.operations.delete(id)
    }
  })
  return () => {
    for (const takeBack of sold) takeBack()
  }
}

async function countersOf(service: Service, integrations: readonly Integration[]): Promise<number[]> {
  const rows = await service.query<{ id: string; seq: string }>('select id, change_seq as seq from crm_integrations')
  const seqOf = new Map(rows.map(({ id, seq }) => [id, Number(seq)]))
  return integrations.map(({ id }) => seqOf.get(id) ?? 0)
}

interface Numbers {
  readonly id: string
  readonly from: number
  readonly to: number
}

/** Sales whose number would be one of these, had none been raised. */
async function between(service: Service, { id, from, to }: Numbers): Promise<number> {
  const [row] = await service.query<{ n: number }>(`select count(*)::int as n from transaction_feed
    where integration_id = '${id}' and change_seq - ${JUMP} > ${from} and change_seq - ${JUMP} <= ${to}`)
  return row?.n ?? 0
}

/** A reader's part, as docs/operations.md has it: what was not sent again is gone. Returns how much that was. */
function forget({ rows }: Reader): number {
  const gone = [...rows.values()].filter(({ changeSeq }) => changeSeq < JUMP)
  for (const { externalId } of gone) rows.delete(externalId)
  return gone.length
}
