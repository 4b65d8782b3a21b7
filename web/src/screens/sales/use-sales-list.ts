import { useEffect, useState } from 'preact/hooks'
import type { Client } from '#client/create-client.ts'
import { unwrap } from '#client/problem.ts'
import type { components } from '#client/schema.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { useLoad } from '#web/app/use-load.ts'
import { apiFilter, type SalesFilter } from '#web/screens/sales/filter.ts'
import { mergeNewest } from '#web/screens/sales/merge-newest.ts'

type Transaction = components['schemas']['Transaction']

const PAGE = 50
const POLL_SECONDS = 15

interface Asked {
  readonly id: string
  readonly filter: SalesFilter
  readonly cursor?: string
  readonly signal: AbortSignal
}

async function readPage(client: Client, { id, filter, cursor, signal }: Asked) {
  const query = { ...apiFilter(filter), limit: PAGE, ...(cursor !== undefined && { cursor }) }
  return unwrap(client.GET('/v1/integrations/{id}/transactions', { params: { path: { id }, query }, signal }))
}

interface Pages {
  readonly sales: readonly Transaction[]
  readonly nextCursor: string | null
}

/** The sales of one filter page by page. What arrives meanwhile appears by itself. */
export function useSalesList(filter: SalesFilter) {
  const { client } = useApp()
  const { id } = useIntegration()
  const first = useLoad(async (signal) => readPage(client, { id, filter, signal }), [id], {
    everySeconds: POLL_SECONDS,
  })
  const [pages, setPages] = useState<Pages | null>(null)
  useEffect(() => {
    if (first.data === null) return
    const { items, nextCursor } = first.data
    setPages((known) =>
      known === null
        ? { sales: items, nextCursor }
        : {
            sales: mergeNewest(known.sales, items, nextCursor === null),
            // That of the first page again where no other was read.
            nextCursor: nextCursor === null || known.sales.length <= PAGE ? nextCursor : known.nextCursor,
          },
    )
  }, [first.data])
  const more = useAction(async (signal) => {
    if (!pages?.nextCursor) return
    const { items, nextCursor } = await readPage(client, { id, filter, cursor: pages.nextCursor, signal })
    setPages((known) => ({
      sales: [...(known?.sales ?? []), ...items.filter(isNewTo(known?.sales ?? []))],
      nextCursor,
    }))
  })
  return { first, pages, more }
}

function isNewTo(sales: readonly Transaction[]): (sale: Transaction) => boolean {
  const ids = new Set(sales.map(({ id }) => id))
  return ({ id }) => !ids.has(id)
}
