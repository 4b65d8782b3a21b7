// What is known of a base, probed once a day: which documents are read, which of their fields, which catalogs are
// published and may be read.
import * as z from 'zod'
import type { LeftOut, MappedRecord, Session } from '#crm/contract.ts'
import { isTooMuch, readFewer } from '#crm/kit/fewer-at-once.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { CrmError } from '#lib/crm-error.ts'
import { localDate } from '#lib/time.ts'
import { createClient, type OneCClient } from '#crm/1c/client.ts'
import { chooseDocuments, type DocumentSpec, selectOf } from '#crm/1c/documents.ts'
import { decimalOf, keyOf, type Row } from '#crm/1c/fields.ts'
import { mapDocument, type Mapping } from '#crm/1c/map.ts'
import { ALL_CATALOGS } from '#crm/1c/presets.ts'
import { createReferences, orRefused, type References } from '#crm/1c/references.ts'
import type { Settings } from '#crm/1c/settings.ts'
import { keepStored } from '#crm/1c/stored.ts'

export const AccountContext = z.lazy(() =>
  z.strictObject({
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
    /** Catalogs among them that this user may not read. */
    refused: z.array(z.string()).default([]),
  }),
)
export type AccountContext = z.infer<typeof AccountContext>

export interface OpenedSets {
  readonly specs: readonly DocumentSpec[]
  readonly catalogs: readonly string[]
  readonly refused?: readonly string[]
}

/** Throws CrmError. */
export async function openSets({ settings }: Session<Settings>, client: OneCClient): Promise<OpenedSets> {
  const published = await client.sets()
  return {
    specs: chooseDocuments(settings, published),
    catalogs: [...published].filter((name) => ALL_CATALOGS.has(name)),
  }
}

/** One row may lack a field that the others have. */
const PROBE_ROWS = 10

/**
 * Throws CrmError. Reads some rows of each document, which proves the right and shows the fields; of the catalogs only
 * those that were refused `before`.
 */
export async function openAccount(
  session: Session<Settings>,
  client: OneCClient,
  before: Pick<AccountContext, 'refused'> | null,
): Promise<AccountContext> {
  const { specs, catalogs } = await openSets(session, client)
  const documents = []
  for (const spec of specs) documents.push({ entitySet: spec.entitySet, select: await probe(client, spec) })
  const refused = []
  for (const catalog of before?.refused ?? []) {
    if (!catalogs.includes(catalog)) continue
    if ((await orRefused(async () => client.rows(catalog, { top: 1 }))) === null) refused.push(catalog)
  }
  const on = localDate(session.clock.now(), session.settings.timezone)
  return { on, documents, catalogs: [...catalogs], refused }
}

export async function probe(client: OneCClient, spec: DocumentSpec): Promise<ReturnType<typeof selectOf> | null> {
  const sample = await probeRows(client, spec)
  return sample.length > 0 ? selectOf(spec, sample) : null
}

/** Whole documents may be heavy: a base that cannot show ten may show one. */
async function probeRows(client: OneCClient, { entitySet }: DocumentSpec): Promise<readonly Row[]> {
  try {
    return await readFewer(PROBE_ROWS, async (top) => client.rows(entitySet, { top }))
  } catch (error) {
    if (!isTooMuch(error)) throw error
    return client.rows(entitySet, { top: 1 })
  }
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
  { specs, catalogs, refused = [] }: OpenedSets,
): PullContext {
  const references = createReferences(client, { published: catalogs, refused })
  return { session, client, specs, references }
}

/** The catalogs that were refused, as one side list. */
export function leftOutOf(refused: readonly string[]): readonly LeftOut[] {
  if (refused.length === 0) return []
  const params = { set: refused.join(', ') }
  return [{ list: 'catalogs', error: new CrmError('forbidden', { reason: 'catalog_refused', params }) }]
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
  const mapping = mappingOf(context, spec)
  return keepStored(
    context,
    spec,
    whole.map((row) => ({ row, record: mapDocument(row, mapping) })),
  )
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
