// Cards, customers and goods that documents refer to: read in batches, each once in a piece of work.
import type { Clock } from '#lib/clock.ts'
import { readInHalves } from '#crm/kit/in-halves.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { OneCClient } from '#crm/1c/client.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { guidOf, keyOf, type Row, rowsOf, textOf } from '#crm/1c/fields.ts'
import { anyKey } from '#crm/1c/odata.ts'
import { CARD_CATALOGS, CARD_OWNERS, CATALOGS, LOCATIONS, NAME_CATALOGS, PEOPLE_CATALOGS } from '#crm/1c/presets.ts'

/** As many keys as fit into an address of 2000 characters. */
const BATCH_KEYS = 20
const TRIES_MAX = 3
const PAUSE_MS = 2000

export interface Reference {
  readonly key: string
  /** The catalogs it may refer to, the most likely first. */
  readonly catalogs: readonly string[]
}

export interface References {
  /** Null: not published, not visible or not there. */
  readonly get: (reference: Reference | null) => Row | null
  /** Reads what these documents refer to. Throws CrmError. */
  readonly load: (documents: readonly Row[], spec: DocumentSpec) => Promise<void>
  /** Catalogs that documents refer to and that are not published. */
  readonly unpublished: () => readonly string[]
}

export function createReferences(client: OneCClient, clock: Clock, published: ReadonlySet<string>): References {
  const known = new Map<string, Row | null>()
  const unpublished = new Set<string>()
  const ask = async (catalog: string, keys: readonly string[]) => {
    const select = NAME_CATALOGS.has(catalog) ? 'Ref_Key,Description' : null
    for (let index = 0; index < keys.length; index += BATCH_KEYS) {
      const batch = keys.slice(index, index + BATCH_KEYS)
      const rows = await readInHalves(batch, async (some) =>
        withRetries(clock, async () => client.rows(catalog, { filter: anyKey(some), select })),
      )
      for (const row of rows) {
        const key = keyOf(row)
        if (key !== null) known.set(key, row)
      }
    }
  }
  const need = async (references: readonly (Reference | null)[]) => {
    const open = new Map(references.flatMap((one) => (one && !known.has(one.key) ? [[one.key, one.catalogs]] : [])))
    for (const [, catalogs] of open) {
      if (!catalogs.some((one) => published.has(one))) for (const one of catalogs.slice(0, 1)) unpublished.add(one)
    }
    for (const catalog of new Set([...open.values()].flat())) {
      if (!published.has(catalog)) continue
      const keys = [...open].filter(([key, catalogs]) => !known.has(key) && catalogs.includes(catalog))
      await ask(
        catalog,
        keys.map(([key]) => key),
      )
    }
    for (const key of open.keys()) if (!known.has(key)) known.set(key, null)
  }
  const get: References['get'] = (reference) => (reference === null ? null : (known.get(reference.key) ?? null))
  return {
    get,
    unpublished: () => [...unpublished],
    load: async (documents, spec) => {
      const cards = documents.map((row) => cardOf(row, spec))
      await need([
        ...cards,
        ...documents.flatMap((row) => [customerOf(row, spec), locationOf(row)]),
        ...documents.flatMap((row) => linesOf(row, spec).map(goodOf)),
      ])
      await need(cards.map((card) => ownerOf(get(card))))
    },
  }
}

/** A page of documents needs many calls. One of them fails often enough, and that must not repeat all the others. */
async function withRetries<T>(clock: Clock, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read()
    } catch (error) {
      const isPassing = error instanceof CrmError && error.kind === 'unavailable' && error.retryAfterMs === null
      if (!isPassing || tries === TRIES_MAX) throw error
      await clock.sleep(PAUSE_MS)
    }
  }
}

export function cardOf(row: Row, spec: DocumentSpec): Reference | null {
  return firstReference(row, spec.cardFields, CARD_CATALOGS)
}

export function customerOf(row: Row, spec: DocumentSpec): Reference | null {
  return firstReference(row, spec.customerFields, PEOPLE_CATALOGS)
}

export function ownerOf(card: Row | null): Reference | null {
  return card && firstReference(card, CARD_OWNERS, PEOPLE_CATALOGS)
}

export function locationOf(row: Row): Reference | null {
  return firstReference(row, LOCATIONS, [])
}

export function goodOf(line: Row): Reference | null {
  return firstReference(line, ['Номенклатура_Key'], [])
}

export function linesOf(row: Row, spec: DocumentSpec): readonly Row[] {
  return spec.itemTables.flatMap((table) => rowsOf(row[table]))
}

function firstReference(row: Row, fields: readonly string[], otherwise: readonly string[]): Reference | null {
  for (const field of fields) {
    const key = guidOf(row[field])
    if (key !== null) return { key, catalogs: catalogsOf(row, field) ?? otherwise }
  }
  return null
}

/** A reference of a composite type names its catalog. Its type may be undefined although the reference is filled. */
function catalogsOf(row: Row, field: string): readonly string[] | undefined {
  const [, catalog] = /^StandardODATA\.(Catalog_.+)$/.exec(textOf(row[`${field}_Type`])) ?? []
  return catalog === undefined ? CATALOGS[field.replace(/_Key$/, '')] : [catalog]
}
