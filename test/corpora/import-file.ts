// Uploads of files one after the other into one integration, by the code of the check and of the run, without its
// surroundings: what is stored is kept in a map.
import type { CanonicalTransaction, LocalizedText, MappedRecord } from '#crm/contract.ts'
import type { Doubt, Given } from '#crm/imports.ts'
import { describeError } from '#crm/messages.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { csv } from '#crm/csv/index.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { Plan, SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { readSample } from '#crm/csv/sample.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { answering, givenFor } from '#test/csv.ts'
import { CrmError } from '#lib/crm-error.ts'

export interface Business {
  readonly timezone: string
  readonly currency: string
  readonly config: Readonly<Record<string, unknown>>
}

/** By external id. */
export type Stored = ReadonlyMap<string, CanonicalTransaction>

export type Outcome =
  | { readonly type: 'refused'; readonly reason: string; readonly text: LocalizedText }
  | { readonly type: 'asked'; readonly doubts: readonly Doubt[] }
  | { readonly type: 'stored'; readonly stored: Stored; readonly records: readonly MappedRecord[] }

/** What is stored is left as it is; the outcome has all that is stored afterwards. */
export async function importFile(
  bytes: Uint8Array,
  { timezone, currency, config }: Business,
  stored: Stored,
  answers: readonly string[],
): Promise<Outcome> {
  const { fallback, storedSales, twins } = { fallback: { timezone, currency }, ...readersOf(stored) }
  const given = givenFor(config, { fallback, storedSales, twins, ...(answers.length > 0 && answering(...answers)) })
  try {
    const head = { bytes: bytes.subarray(0, SAMPLE_BYTES), isWhole: bytes.byteLength <= SAMPLE_BYTES }
    const { doubts, plan } = (await csv.imports?.check(head, given)) ?? { doubts: [], plan: null }
    if (doubts.length > 0) return { type: 'asked', doubts }
    const records = await readAll(bytes, Plan.parse(plan), given)
    return { type: 'stored', stored: write(stored, records), records }
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    return { type: 'refused', reason: error.reason ?? '', text: describeError(error, MESSAGES) }
  }
}

function readersOf(stored: Stored): Pick<Given<Settings>, 'storedSales' | 'twins'> {
  return {
    storedSales: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const sale = stored.get(id)
          return sale ? [[id, { ...sale, locationId: sale.location?.externalId ?? null }] as const] : []
        }),
      ),
    twins: async (of) =>
      [...stored.values()].filter((sale) =>
        of.some(
          ({ kind, amountMinor, occurredAt }) =>
            sale.kind === kind && sale.amountMinor === amountMinor && sale.occurredAt === occurredAt,
        ),
      ),
  }
}

async function readAll(bytes: Uint8Array, plan: Plan, given: Given<Settings>): Promise<readonly MappedRecord[]> {
  const read = async (at: number, length: number) => bytes.subarray(at, at + length)
  const batches = (async function* () {
    for await (const batch of readBatches({ bytes: bytes.byteLength, read }, plan, plan.from)) yield batch.lines
  })()
  const { fallback, storedSales } = given
  return (await readSample({ plan, fallback, batches, storedAmong: async (ids) => storedSales(ids) })).records
}

/** A record that was never paid is not stored. */
function write(stored: Stored, records: readonly MappedRecord[]): Stored {
  const after = new Map(stored)
  for (const record of records) {
    if (record.type !== 'transaction') continue
    const { transaction } = record
    if (transaction.status === 'paid' || after.has(transaction.externalId))
      after.set(transaction.externalId, transaction)
  }
  return after
}

export function paidIn(stored: Stored): readonly CanonicalTransaction[] {
  return [...stored.values()].filter(({ status }) => status === 'paid')
}
