import { useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import type { Run } from '#client/watch-run.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { useWatchedRun } from '#web/runs/use-watched-run.ts'

/** Compares one day with the CRM, or takes it from the CRM anew. `onEnd` is called when that is over. */
export function useCheck(day: string, onEnd: () => void) {
  const { client } = useApp()
  const { id } = useIntegration()
  const [started, setStarted] = useState<Run | null>(null)
  const run = useWatchedRun(started, (ended) => {
    onEnd()
    // The check that stands in line behind the backfill of a repair.
    if (ended.task === 'pull') next.run()
  })
  const next = useAction(async (signal) => {
    const params = { path: { id }, query: { trigger: 'check', limit: 1 } } as const
    const { items } = await unwrap(client.GET('/v1/integrations/{id}/runs', { params, signal }))
    setStarted(items[0] ?? null)
  })
  const init = (signal: AbortSignal) => ({ params: { path: { id } }, body: { from: day, to: day }, signal })
  const check = useAction(async (signal) => {
    setStarted(await unwrap(client.POST('/v1/integrations/{id}/checks', init(signal))))
  })
  const repair = useAction(async (signal) => {
    setStarted(await unwrap(client.POST('/v1/integrations/{id}/repairs', init(signal))))
  })
  return { run, check, repair }
}
