// Day by day, whether what is stored is what the CRM has.
import { unwrap } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { navigate, useRoute } from '#web/app/router.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Calendar } from '#web/screens/days/calendar.tsx'
import { lastDay } from '#web/screens/days/month.ts'
import { DayPanel } from '#web/screens/days/day-panel.tsx'
import { readDay, readMonth } from '#web/screens/days/route.ts'
import { TEXTS } from '#web/screens/days/texts.ts'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

export function DaysScreen() {
  const t = useTexts(TEXTS)
  const { crmType } = useIntegration()
  return (
    <Screen title={t('title')} lead={t('lead')}>
      {crmType === 'csv' ? <Notice tone="info">{t('filesOnly')}</Notice> : <Days />}
    </Screen>
  )
}

function Days() {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { client } = useApp()
  const { id } = useIntegration()
  const { query } = useRoute()
  const today = f.toDay(Date.now())
  const month = readMonth(query, today)
  const chosen = readDay(query, today)
  const days = useLoad(
    async (signal) => {
      const params = { path: { id }, query: { from: `${month}-01`, to: lastDay(month) } }
      return unwrap(client.GET('/v1/integrations/{id}/days', { params, signal }))
    },
    [id, month],
  )
  const show = (day: string | null, ofMonth: string) =>
    navigate('/days', { month: ofMonth, ...(day !== null && { day }) }, { replace: true })
  return (
    <div class="days">
      <Calendar
        {...{ month, today, chosen }}
        rows={days.data?.items ?? []}
        onMonth={(next) => show(chosen, next)}
        onChoose={(day) => show(day, month)}
      />
      <Loaded of={days} skeleton={<Skeleton lines={6} />}>
        {({ items }) =>
          chosen === null || !chosen.startsWith(month) ? (
            <p class="days-hint">{t('chooseDay')}</p>
          ) : (
            <DayPanel
              key={chosen}
              day={chosen}
              rows={items.filter(({ day }) => day === chosen)}
              onChange={days.reload}
            />
          )
        }
      </Loaded>
    </div>
  )
}
