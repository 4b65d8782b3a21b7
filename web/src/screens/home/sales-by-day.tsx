import { lazy } from '#web/app/lazy.tsx'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import type { DailySales, Sales } from '#web/screens/home/daily-sales.ts'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Disclosure } from '#web/ui/layout.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Table } from '#web/ui/table.tsx'

const CHART_HEIGHT = 220

const SalesChart = lazy(
  async () => (await import('#web/screens/home/sales-chart.tsx')).SalesChart,
  <div class="home-chart">
    <Skeleton height={`${CHART_HEIGHT}px`} />
  </div>,
)

/** The chart, the sums that people ask for first, and the same as a table. */
export function SalesByDay({ sales }: { readonly sales: Sales }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { days, currency } = sales
  const money = (amountMinor: number) => f.money(amountMinor, currency)
  const all = days.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const [first, last] = [days[0]?.day ?? '', days.at(-1)?.day ?? '']
  const label = t('chartLabel', { from: f.day(first), to: f.day(last), sum: money(all) })
  return (
    <>
      <dl class="home-sums">
        <Sum title={t('today')} value={money(days.at(-1)?.amountMinor ?? 0)} />
        <Sum title={t('average')} value={money(Math.round(all / Math.max(days.length, 1)))} />
        <Sum title={t('inAll')} value={money(all)} />
      </dl>
      <SalesChart days={days} currency={currency} label={label} height={CHART_HEIGHT} />
      {sales.hasOthers && <p class="home-hint">{t('otherCurrencies')}</p>}
      <Disclosure title={t('table')}>
        <DayTable days={days.toReversed()} money={money} />
      </Disclosure>
    </>
  )
}

function Sum({ title, value }: { readonly title: string; readonly value: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  )
}

interface DayTableProps {
  readonly days: readonly DailySales[]
  readonly money: (amountMinor: number) => string
}

function DayTable({ days, money }: DayTableProps) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <Table
      caption={t('salesByDay')}
      rows={days}
      rowKey={({ day }) => day}
      columns={[
        { key: 'day', title: t('day'), render: ({ day }) => f.day(day) },
        { key: 'sales', title: t('sales'), align: 'end', render: ({ sales }) => f.number(sales) },
        { key: 'refunds', title: t('refunds'), align: 'end', render: ({ refunds }) => f.number(refunds) },
        { key: 'sum', title: t('sum'), align: 'end', render: ({ amountMinor }) => money(amountMinor) },
      ]}
    />
  )
}
