// What is known of a base, probed once a day: which documents are read, which of their fields, which catalogs are
// published.
import * as z from 'zod'
import type { MappedRecord, Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { localDate } from '#lib/time.ts'
import { createClient, type OneCClient } from '#crm/1c/client.ts'
import { chooseDocuments, type DocumentSpec, selectOf } from '#crm/1c/documents.ts'
import { decimalOf, keyOf, type Row } from '#crm/1c/fields.ts'
import { mapDocument, type Mapping } from '#crm/1c/map.ts'
import { ALL_CATALOGS } from '#crm/1c/presets.ts'
import { createReferences, type References } from '#crm/1c/references.ts'
import type { Settings } from '#crm/1c/settings.ts'

export const AccountContext = z.strictObject({
  /** The base's day of the probe. */
  on: z.iso.date(),
  /** Null: an empty set does not show its fields, so all are read. */
  documents: z.array(
    z.strictObject({
      entitySet: z.string(),
      select: z.strictObject({ fingerprint: z.string(), whole: z.string() }).nullable(),
    }),
  ),
  catalogs: z.array(z.string()),
})
export type AccountContext = z.infer<typeof AccountContext>

export interface OpenedSets {
  readonly specs: readonly DocumentSpec[]
  readonly catalogs: readonly string[]
}

/** Throws CrmError. */
export async function openSets({ settings }: Session<Settings>, client: OneCClient): Promise<OpenedSets> {
  const published = await client.sets()
  return {
    specs: chooseDocuments(settings, published),
    catalogs: [...published].filter((name) => ALL_CATALOGS.has(name)),
  }
}

/** Throws CrmError. Reads one row of each document, which proves the right and shows the fields. */
export async function openAccount(session: Session<Settings>, client: OneCClient): Promise<AccountContext> {
  const { specs, catalogs } = await openSets(session, client)
  const documents = []
  for (const spec of specs) documents.push({ entitySet: spec.entitySet, select: await probe(client, spec) })
  return { on: localDate(session.clock.now(), session.settings.timezone), documents, catalogs: [...catalogs] }
}

export async function probe(client: OneCClient, spec: DocumentSpec): Promise<ReturnType<typeof selectOf> | null> {
  const [sample] = await client.rows(spec.entitySet, { top: 1 })
  return sample ? selectOf(spec, sample) : null
}

/** What one piece of work needs to read documents. */
export interface PullContext {
  readonly session: Session<Settings>
  readonly client: OneCClient
  readonly specs: readonly DocumentSpec[]
  readonly references: References
}

export function createContext(
  session: Session<Settings>,
  client: OneCClient,
  { specs, catalogs }: OpenedSets,
): PullContext {
  return { session, client, specs, references: createReferences(client, session.clock, new Set(catalogs)) }
}

export const openContextOnce = oncePerSession(async (session: Session<Settings>) => {
  const client = createClient(session)
  return createContext(session, client, await openSets(session, client))
})

/** Documents → records, with everything they refer to. Throws CrmError. */
export async function mapRows(context: PullContext, spec: DocumentSpec, rows: readonly Row[]): Promise<MappedRecord[]> {
  const whole: Row[] = []
  for (const row of rows) whole.push(await withAmount(context.client, spec, row))
  await context.references.load(whole, spec)
  return whole.map((row) => mapDocument(row, mappingOf(context, spec)))
}

/** Some lists leave out the sum that a read of the document alone shows. */
async function withAmount(client: OneCClient, { entitySet, amountField }: DocumentSpec, row: Row): Promise<Row> {
  const key = keyOf(row)
  if (key === null || decimalOf(row[amountField]) !== null) return row
  const alone = await client.object(entitySet, key)
  return typeof alone === 'string' ? row : alone
}

export function mappingOf({ session: { settings, fallback }, references }: PullContext, spec: DocumentSpec): Mapping {
  const { timezone, currency = fallback.currency, cardIsPhone } = settings
  return { spec, timezone, currency, cardIsPhone, references }
}
