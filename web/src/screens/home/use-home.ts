import { useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import type { Run } from '#client/watch-run.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { activeRun } from '#web/runs/active-run.ts'
import { useReloadOn } from '#web/runs/use-reload-on.ts'
import { useWatchedRun } from '#web/runs/use-watched-run.ts'

const RUNS = 30
const POLL_SECONDS = 10
const ISSUES = 50

/** The integration, its last runs and its open issues, as they are now. */
export function useHome() {
  const { client, reloadIntegration } = useApp()
  const integration = useIntegration()
  const { id, syncEnabled, lastSyncAt, lastSyncStatus, nextSyncAt } = integration
  const path = { id }
  useLoad(reloadIntegration, [id], { everySeconds: POLL_SECONDS })
  const runs = useLoad(
    async (signal) =>
      unwrap(client.GET('/v1/integrations/{id}/runs', { params: { path, query: { limit: RUNS } }, signal })),
    [id],
  )
  const issues = useLoad(
    async (signal) => {
      const query = { open: 'true', limit: ISSUES } as const
      return unwrap(client.GET('/v1/integrations/{id}/issues', { params: { path, query }, signal }))
    },
    [id],
  )
  const changes = [syncEnabled, lastSyncAt, lastSyncStatus, nextSyncAt]
  useReloadOn(runs, changes)
  useReloadOn(issues, changes)
  const [started, setStarted] = useState<Run | null>(null)
  // A run that was started here is shown until another one begins, so that its end can be read.
  const followed = activeRun(runs.data?.items ?? [], new Date()) ?? started
  const run = useWatchedRun(followed, () => {
    runs.reload()
    void reloadIntegration()
  })
  return { integration, runs, issues, run, setStarted }
}
