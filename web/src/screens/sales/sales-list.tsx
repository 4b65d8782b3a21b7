import type { components } from '#client/schema.ts'
import { useApp } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { StatusBadge } from '#web/sales/status-badge.tsx'
import { byDay } from '#web/screens/sales/by-day.ts'
import { isNarrowed, type SalesFilter } from '#web/screens/sales/filter.ts'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { useSalesList } from '#web/screens/sales/use-sales-list.ts'
import { Button, ButtonLink } from '#web/ui/button.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

type Transaction = components['schemas']['Transaction']

interface Props {
  readonly filter: SalesFilter
  readonly onOpen: (externalId: string) => void
  readonly onClear: () => void
}

export function SalesList({ filter, onOpen, onClear }: Props) {
  const t = useTexts(TEXTS)
  const { first, pages, more } = useSalesList(filter)
  if (pages === null) {
    return first.error === null ? (
      <Skeleton lines={12} />
    ) : (
      <Problem error={first.error} actions={<Button onClick={first.reload}>{t('again')}</Button>} />
    )
  }
  if (pages.sales.length === 0) return <NoSales filter={filter} onClear={onClear} />
  return (
    <>
      <Days sales={pages.sales} onOpen={onOpen} />
      <div class="sales-more">
        {pages.nextCursor === null ? (
          <p class="sales-hint">{t('end')}</p>
        ) : (
          <Button kind="secondary" isBusy={more.isBusy} onClick={more.run}>
            {t('showMore')}
          </Button>
        )}
        {more.error !== null && <Problem error={more.error} />}
        <p class="sales-hint">
          {t('missing')} <a href={hrefTo('/explain')}>{t('why')}</a>
        </p>
      </div>
    </>
  )
}

function NoSales({ filter, onClear }: Pick<Props, 'filter' | 'onClear'>) {
  const t = useTexts(TEXTS)
  const { integration } = useApp()
  if (integration?.transactionsSynced === 0) return <EmptyState title={t('noneYet')} text={t('noneYetAdvice')} />
  const clear = isNarrowed(filter) && (
    <Button kind="secondary" onClick={onClear}>
      {t('clear')}
    </Button>
  )
  const why = <ButtonLink href={hrefTo('/explain')}>{t('why')}</ButtonLink>
  const action = (
    <div class="row">
      {clear}
      {why}
    </div>
  )
  return <EmptyState title={t('noneTitle')} text={t('noneAdvice')} action={action} />
}

function Days({ sales, onOpen }: { readonly sales: readonly Transaction[] } & Pick<Props, 'onOpen'>) {
  const f = useFormat()
  return (
    <div class="sales-days">
      {byDay(sales, f.toDay).map(({ day, sales: own }) => (
        <section key={day} aria-labelledby={`sales-${day}`}>
          <h2 class="sales-day" id={`sales-${day}`}>
            {f.day(day)}
          </h2>
          <ul class="sales-list">
            {own.map((sale) => (
              <li key={sale.id}>
                <SaleRow sale={sale} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function SaleRow({ sale, onOpen }: { readonly sale: Transaction } & Pick<Props, 'onOpen'>) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { customer, items, location } = sale
  const [first, ...others] = items
  const what = first ? first.name : t('noItems')
  return (
    <button
      type="button"
      class={sale.status === 'paid' ? 'sales-row' : 'sales-row is-void'}
      aria-haspopup="dialog"
      onClick={() => onOpen(sale.externalId)}
    >
      <span class="sales-row-time">{f.clock(sale.occurredAt)}</span>
      <span class="sales-row-who">{customer?.name ?? customer?.phone ?? t('nobody')}</span>
      <span class="sales-row-what">
        {what} {others.length > 0 && <span class="sales-hint">{t('andMore', { n: others.length })}</span>}
      </span>
      <span class="sales-row-where">{location?.name}</span>
      <span class="sales-row-status">
        <StatusBadge sale={sale} />
      </span>
      <span class="sales-row-sum">{f.money(sale.amountMinor, sale.currency)}</span>
    </button>
  )
}
