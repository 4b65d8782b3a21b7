import { useState } from 'preact/hooks'
import type { Client } from '#client/create-client.ts'
import { unwrap } from '#client/problem.ts'
import type { Run } from '#client/watch-run.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useReloadOn } from '#web/runs/use-reload-on.ts'
import { useWatchedRun } from '#web/runs/use-watched-run.ts'
import type { UnreadableRecord } from '#web/screens/unreadable/groups.ts'

const PAGE = 200
/** Their reasons are few: further records would say nothing new. */
const PAGES_MAX = 5

interface Unreadable {
  readonly records: readonly UnreadableRecord[]
  readonly isAll: boolean
}

async function readRecords(client: Client, id: string, signal: AbortSignal): Promise<Unreadable> {
  const records: UnreadableRecord[] = []
  let cursor: string | undefined
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) }
    const params = { path: { id }, query }
    const { items, nextCursor } = await unwrap(client.GET('/v1/integrations/{id}/quarantine', { params, signal }))
    records.push(...items)
    if (nextCursor === null) return { records, isAll: true }
    cursor = nextCursor
  }
  return { records, isAll: false }
}

/** The records that could not be read, and the run that reads them again. */
export function useUnreadable() {
  const { client } = useApp()
  const { id, lastSyncAt } = useIntegration()
  const found = useLoad(async (signal) => readRecords(client, id, signal), [id])
  useReloadOn(found, [lastSyncAt])
  const [started, setStarted] = useState<Run | null>(null)
  const run = useWatchedRun(started, found.reload)
  const retry = useAction(async (signal) => {
    setStarted(
      await unwrap(client.POST('/v1/integrations/{id}/quarantine/retry', { params: { path: { id } }, signal })),
    )
  })
  return { found, run, retry }
}
