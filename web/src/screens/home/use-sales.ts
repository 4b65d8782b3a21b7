import { useMemo } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { addDays } from '#lib/time.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useReloadOn } from '#web/runs/use-reload-on.ts'
import { dailySales } from '#web/screens/home/daily-sales.ts'

const SHOWN = 8
const POLL_SECONDS = 10
const DAYS = 30

/** The last sales, asked for again and again, and the sums of the last days, which follow them. */
export function useSales() {
  const { client } = useApp()
  const { id, lastSyncAt } = useIntegration()
  const f = useFormat()
  const path = { id }
  const last = useLoad(
    async (signal) => {
      const query = { limit: SHOWN }
      return unwrap(client.GET('/v1/integrations/{id}/transactions', { params: { path, query }, signal }))
    },
    [id],
    { everySeconds: POLL_SECONDS },
  )
  const today = f.toDay(Date.now())
  const days = useMemo(() => Array.from({ length: DAYS }, (_, index) => addDays(today, index + 1 - DAYS)), [today])
  const [from = today] = days
  const summary = useLoad(
    async (signal) => {
      const query = { from, to: today, groupBy: 'day' } as const
      return unwrap(client.GET('/v1/integrations/{id}/transactions/summary', { params: { path, query }, signal }))
    },
    [id, today],
  )
  useReloadOn(summary, [lastSyncAt, last.data?.items.map(({ changeSeq }) => changeSeq).join()])
  const sums = useMemo(() => summary.data && dailySales(summary.data.items, days), [summary.data, days])
  return { last, summary, sums }
}
