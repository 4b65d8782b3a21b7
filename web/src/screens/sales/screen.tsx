// All sales, by filters that stand in the address.
import { useRef } from 'preact/hooks'
import { useApp } from '#web/app/context.ts'
import { navigate, useRoute } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Export } from '#web/screens/sales/export.tsx'
import { isEmptyPeriod, readFilter, type SalesFilter, writeFilter } from '#web/screens/sales/filter.ts'
import { Filters } from '#web/screens/sales/filters.tsx'
import { SaleDrawer } from '#web/screens/sales/sale-drawer.tsx'
import { SalesList } from '#web/screens/sales/sales-list.tsx'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { TotalsOfPeriod } from '#web/screens/sales/totals-of-period.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Screen } from '#web/ui/screen.tsx'

const PATH = '/sales'
/** The external id of the sale that is open. */
const OPEN = 'sale'

const EVERYTHING: SalesFilter = { from: null, to: null, status: null, kind: null, locationId: null, q: null }

export function SalesScreen() {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  return can('view') ? (
    <Sales />
  ) : (
    <Screen title={t('title')}>
      <Notice tone="info">{t('notAllowed')}</Notice>
    </Screen>
  )
}

function Sales() {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { query } = useRoute()
  const today = f.toDay(Date.now())
  const filter = readFilter(query, today)
  const opened = query.get(OPEN)
  const isPushed = useRef(false)
  const show = (next: SalesFilter) => navigate(PATH, writeFilter(next, today), { replace: true })
  const open = (externalId: string) => {
    const withSale = writeFilter(filter, today)
    withSale.set(OPEN, externalId)
    navigate(PATH, withSale)
    isPushed.current = true
  }
  const close = () => {
    if (isPushed.current) history.back()
    else show(filter)
    isPushed.current = false
  }
  return (
    <Screen title={t('title')} actions={<Export filter={filter} />}>
      <Filters filter={filter} today={today} onChange={show} />
      {isEmptyPeriod(filter) ? (
        <Notice tone="warning">{t('emptyPeriod')}</Notice>
      ) : (
        <>
          <TotalsOfPeriod filter={filter} />
          <SalesList key={JSON.stringify(filter)} filter={filter} onOpen={open} onClear={() => show(EVERYTHING)} />
        </>
      )}
      {opened !== null && <SaleDrawer externalId={opened} onClose={close} />}
    </Screen>
  )
}
