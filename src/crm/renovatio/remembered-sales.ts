import type { Session, StoredSale } from '#crm/contract.ts'

/** Of a page each, with what the next pages may name. */
const KNOWN_MAX = 1000

/**
 * Stored sales, each read once until it is forgotten. A sale that somebody else changes meanwhile is safe: the engine
 * leaves alone what was stored after its last page.
 */
export function rememberSales(read: Session<unknown>['storedSales']) {
  const known = new Map<string, StoredSale | null>()
  return {
    read: async (among: readonly string[]): Promise<ReadonlyMap<string, StoredSale>> => {
      if (known.size > KNOWN_MAX) known.clear()
      const unknown = among.filter((externalId) => !known.has(externalId))
      const found = await read(unknown)
      for (const externalId of unknown) known.set(externalId, found.get(externalId) ?? null)
      return new Map(
        among.flatMap((externalId): [string, StoredSale][] => {
          const sale = known.get(externalId)
          return sale ? [[externalId, sale]] : []
        }),
      )
    },
    forget: () => known.clear(),
  }
}
