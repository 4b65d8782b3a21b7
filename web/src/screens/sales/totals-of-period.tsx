import { unwrap } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { type SalesFilter, summedDays } from '#web/screens/sales/filter.ts'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { type Totals, totalsIn, totalsOf } from '#web/screens/sales/totals.ts'
import { Loaded } from '#web/ui/loaded.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

const POLL_SECONDS = 60

export function TotalsOfPeriod({ filter }: { readonly filter: SalesFilter }) {
  const t = useTexts(TEXTS)
  const days = summedDays(filter)
  return (
    <section class="sales-totals" aria-label={t('totals')}>
      {days ? (
        <Sums filter={filter} days={days} />
      ) : (
        <p class="sales-hint">{t(filter.q === null ? 'noTotalsLong' : 'noTotalsSearch')}</p>
      )}
    </section>
  )
}

interface SumsProps {
  readonly filter: SalesFilter
  readonly days: { readonly from: string; readonly to: string }
}

function Sums({ filter, days: { from, to } }: SumsProps) {
  const { client, session } = useApp()
  const { id } = useIntegration()
  const { locationId } = filter
  const summary = useLoad(
    async (signal) => {
      const query = { from, to, groupBy: 'month', ...(locationId !== null && { locationId }) } as const
      const params = { path: { id }, query }
      return unwrap(client.GET('/v1/integrations/{id}/transactions/summary', { params, signal }))
    },
    [id, from, to, locationId],
    { everySeconds: POLL_SECONDS },
  )
  return (
    <Loaded of={summary} skeleton={<SumsPlace />}>
      {({ items }) => {
        const totals = totalsOf(items, filter)
        const shown = totals.length > 0 ? totals : [totalsIn(session.business.currency, [])]
        return shown.map((one) => <SumsIn key={one.currency} totals={one} />)
      }}
    </Loaded>
  )
}

/** As high as sums with a refund among them. */
function SumsPlace() {
  return (
    <div class="sales-sums-place">
      <Skeleton height="100%" />
    </div>
  )
}

const PARTS = ['sales', 'refunds', 'unpaid', 'cancelled'] as const

/** Of one currency; what there is none of is left out. */
function SumsIn({ totals }: { readonly totals: Totals }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { currency, netMinor } = totals
  return (
    <dl class="sales-sums">
      <div class="sales-sum-net">
        <dt>{t('net')}</dt>
        <dd>{f.money(netMinor, currency)}</dd>
      </div>
      {PARTS.map((part) => {
        const { count, amountMinor } = totals[part]
        return count === 0 ? null : (
          <div key={part}>
            <dt>
              {t(`sums.${part}`)}, {t('pieces', { n: count })}
            </dt>
            <dd>{f.money(amountMinor, currency)}</dd>
          </div>
        )
      })}
    </dl>
  )
}
