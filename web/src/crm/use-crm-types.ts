// What each CRM needs. It does not change while the page is open, so it is read once for each language.
import { unwrap } from '#client/problem.ts'
import type { Client } from '#client/create-client.ts'
import { useApp } from '#web/app/context.ts'
import { type Load, useLoad } from '#web/app/use-load.ts'
import type { CrmType } from '#web/crm/schema-fields.ts'

const known = new WeakMap<Client, Promise<readonly CrmType[]>>()

/** Those that the session may connect. */
export function useCrmTypes(): Load<readonly CrmType[]> {
  const { client, session } = useApp()
  return useLoad(async () => {
    const items = await readOnce(client)
    return items.filter(({ crmType }) => session.crmTypes?.includes(crmType) ?? true)
  }, [])
}

/** Begins to read them before a screen asks: they come along with what else the page reads first. */
export function prefetchCrmTypes(client: Client): void {
  void readOnce(client).catch(() => undefined)
}

async function readOnce(client: Client): Promise<readonly CrmType[]> {
  const reading = known.get(client) ?? unwrap(client.GET('/v1/crm-types')).then(({ items }) => items)
  known.set(client, reading)
  try {
    return await reading
  } catch (error) {
    known.delete(client)
    throw error
  }
}
