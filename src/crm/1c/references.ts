// Cards, customers and goods that documents refer to: read in batches, each once in a piece of work.
import { readInHalves } from '#crm/kit/fewer-at-once.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { OneCClient } from '#crm/1c/client.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { guidOf, keyOf, type Row, rowsOf, textOf } from '#crm/1c/fields.ts'
import { anyKey } from '#crm/1c/odata.ts'
import {
  CARD_CATALOGS,
  CARD_OWNERS,
  CATALOGS,
  CHANGES_TABLE,
  CURRENCIES,
  LOCATIONS,
  NAME_CATALOGS,
  OWNERS,
  PEOPLE_CATALOGS,
} from '#crm/1c/presets.ts'

/** As many keys as fit into an address of 2000 characters. */
const BATCH_KEYS = 20

export interface Reference {
  readonly key: string
  /** The catalogs it may refer to, the most likely first. */
  readonly catalogs: readonly string[]
  /** Another name of what is known already: it is no loss when its catalog is not published. */
  readonly isExtra?: boolean
}

export interface References {
  /** Null: not published, not visible or not there. */
  readonly get: (reference: Reference | null) => Row | null
  /** Reads what these documents refer to. Throws CrmError. */
  readonly load: (documents: readonly Row[], spec: DocumentSpec) => Promise<void>
  /** Catalogs that documents refer to and that are not published. */
  readonly unpublished: () => readonly string[]
  /** Catalogs that 1C does not let this user read. What they say is left out. */
  readonly refused: () => readonly string[]
  /** Catalogs that were read. */
  readonly answered: () => readonly string[]
}

export interface Catalogs {
  readonly published: Iterable<string>
  /** Of these, those that were refused before. */
  readonly refused: Iterable<string>
}

export function createReferences(client: OneCClient, catalogs: Catalogs): References {
  const known = new Map<string, Row | null>()
  const unpublished = new Set<string>()
  const refused = new Set(catalogs.refused)
  const answered = new Set<string>()
  const published = new Set(catalogs.published)
  const need = async (references: readonly (Reference | null)[]) => {
    const open = references.filter((one) => one !== null).filter(({ key }) => !known.has(key))
    for (const { catalogs: listed, isExtra = false } of open) {
      const isThere = isExtra || listed.some((one) => published.has(one))
      if (!isThere) for (const one of listed.slice(0, 1)) unpublished.add(one)
    }
    for (const catalog of new Set(open.flatMap(({ catalogs: listed }) => listed))) {
      if (!published.has(catalog) || refused.has(catalog)) continue
      const wanted = open.filter(({ key, catalogs: listed }) => !known.has(key) && listed.includes(catalog))
      const rows = await readKeys(client, catalog, [...new Set(wanted.map(({ key }) => key))])
      if (rows === null) refused.add(catalog)
      else answered.add(catalog)
      for (const row of rows ?? []) known.set(keyOf(row) ?? '', row)
    }
    for (const { key } of open) if (!known.has(key)) known.set(key, null)
  }
  const get: References['get'] = (reference) => (reference === null ? null : (known.get(reference.key) ?? null))
  return {
    get,
    unpublished: () => [...unpublished],
    refused: () => [...refused],
    answered: () => [...answered],
    load: async (documents, spec) => {
      await need(documents.flatMap((row) => neededBy(row, spec)))
      await need(documents.flatMap((row) => ownersOf(row, get(cardOf(row, spec)))))
    },
  }
}

function neededBy(row: Row, spec: DocumentSpec): readonly (Reference | null)[] {
  const heads = [cardOf(row, spec), ...customersOf(row, spec), locationOf(row), currencyRefOf(row)]
  return [...heads, ...linesOf(row, spec).map(goodOf)]
}

/** Null: the catalog is refused. */
async function readKeys(client: OneCClient, catalog: string, keys: readonly string[]): Promise<readonly Row[] | null> {
  const select = NAME_CATALOGS.has(catalog) ? 'Ref_Key,Description' : null
  const read: Row[] = []
  for (let index = 0; index < keys.length; index += BATCH_KEYS) {
    const rows = await orRefused(async () =>
      readInHalves(keys.slice(index, index + BATCH_KEYS), async (some) =>
        client.rows(catalog, { filter: anyKey(some), select }),
      ),
    )
    if (rows === null) return null
    read.push(...rows)
  }
  return read
}

/** Null: 1C itself refuses it, now and probably later. */
export async function orRefused<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    const isRefused = error instanceof CrmError && ['forbidden', 'rejected'].includes(error.kind) && !error.mayPass
    if (isRefused && error.status !== null) return null
    throw error
  }
}

export function cardOf(row: Row, spec: DocumentSpec): Reference | null {
  return firstReference(row, spec.cardFields, CARD_CATALOGS)
}

export function customersOf(row: Row, spec: DocumentSpec): readonly Reference[] {
  return allReferences(row, spec.customerFields, PEOPLE_CATALOGS).map((one, index) => ({ ...one, isExtra: index > 0 }))
}

/** Of the card: as the card itself says, and as the document does. */
export function ownersOf(row: Row, card: Row | null): readonly Reference[] {
  return [
    ...(card ? allReferences(card, CARD_OWNERS, PEOPLE_CATALOGS) : []),
    ...allReferences(row, OWNERS, PEOPLE_CATALOGS),
  ]
}

export function currencyRefOf(row: Row): Reference | null {
  return firstReference(row, CURRENCIES, [])
}

export function locationOf(row: Row): Reference | null {
  return firstReference(row, LOCATIONS, [])
}

export function goodOf(line: Row): Reference | null {
  return firstReference(line, ['Номенклатура_Key'], [])
}

export function linesOf(row: Row, spec: DocumentSpec): readonly Row[] {
  const changes = spec.isCorrection ? rowsOf(row[CHANGES_TABLE]) : []
  return changes.length > 0 ? changes : spec.itemTables.flatMap((table) => rowsOf(row[table]))
}

function firstReference(row: Row, fields: readonly string[], otherwise: readonly string[]): Reference | null {
  return allReferences(row, fields, otherwise)[0] ?? null
}

function allReferences(row: Row, fields: readonly string[], otherwise: readonly string[]): readonly Reference[] {
  return fields.flatMap((field) => {
    const key = guidOf(row[field])
    return key === null ? [] : [{ key, catalogs: catalogsOf(row, field) ?? otherwise }]
  })
}

/** A reference of a composite type names its catalog. Its type may be undefined although the reference is filled. */
function catalogsOf(row: Row, field: string): readonly string[] | undefined {
  const [, catalog] = /^StandardODATA\.(Catalog_.+)$/.exec(textOf(row[`${field}_Type`])) ?? []
  return catalog === undefined ? CATALOGS[field.replace(/_Key$/, '')] : [catalog]
}
