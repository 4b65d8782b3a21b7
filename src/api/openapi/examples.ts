// Examples of bodies, one for each schema that has a name. test/api/examples.test.ts parses them by these schemas.
import { type Json, reference } from '#api/openapi/schemas.ts'
import examples from '#api/openapi/examples.json' with { type: 'json' }

const { Integration, ConnectionReport, Transaction } = examples.bodies

const BODIES: Readonly<Record<string, Json>> = {
  ...examples.bodies,
  ConfirmedConsent: { ...Integration, report: ConnectionReport },
  Changes: { items: [Transaction], nextAfter: Transaction.changeSeq },
  TransactionChange: {
    ...{
      changeSeq: Transaction.changeSeq,
      at: Transaction.updatedAt,
      source: 'schedule',
      runId: examples.bodies.Run.id,
    },
    ...{ before: { ...Transaction, status: 'unpaid', changeSeq: 1712 }, after: Transaction },
  },
}

/** By operation and content type. */
export const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = examples.texts

/** A list is a page with one item. */
function exampleOf(id: string): Json | undefined {
  const item = id.endsWith('List') ? BODIES[id.slice(0, -'List'.length)] : undefined
  return item ? { items: [item], nextCursor: null } : BODIES[id]
}

export function exampleReference(id: string): Json {
  return { examples: { example: { $ref: `#/components/examples/${id}` } } }
}

/** `ids`: the names of the schemas of bodies. Throws for one without an example. */
export function exampleComponents(ids: Iterable<string>): Json {
  const named = [...ids].toSorted().map((id) => {
    const value = exampleOf(id)
    if (!value) throw new Error(`${reference(id)} needs an example`)
    return [id, { summary: `An example of ${id}`, value }] as const
  })
  return Object.fromEntries(named)
}
