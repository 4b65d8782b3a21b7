import { useEffect, useRef, useState } from 'preact/hooks'
import type { components } from '#client/schema.ts'
import { hrefTo } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { announce } from '#web/app/announce.ts'
import { StatusBadge } from '#web/sales/status-badge.tsx'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Badge } from '#web/ui/notice.tsx'

type Transaction = components['schemas']['Transaction']

/** A sale that arrives while the page is open stands on top, is marked, and is told to a screen reader. */
export function LastSales({ sales }: { readonly sales: readonly Transaction[] }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const arrived = useArrived(sales)
  const newest = sales.find(({ id }) => arrived.has(id))
  useEffect(() => {
    if (newest) announce(`${t('newSale')}: ${f.money(newest.amountMinor, newest.currency)}`)
  }, [newest?.id])
  return (
    <ol class="home-sales">
      {sales.map((sale) => (
        <li key={sale.id} class={arrived.has(sale.id) ? 'home-sale home-sale-new' : 'home-sale'}>
          <a href={hrefTo('/sales', { sale: sale.externalId })}>
            <span class="home-sale-time">{f.time(sale.occurredAt)}</span>
            <span class="home-sale-what">
              {arrived.has(sale.id) && <Badge tone="success">{t('newSale')}</Badge>} {whatOf(sale)}{' '}
              <StatusBadge sale={sale} />
            </span>
            <span class={sale.status === 'paid' ? 'home-sale-sum' : 'home-sale-sum is-void'}>
              {f.money(sale.amountMinor, sale.currency)}
            </span>
          </a>
        </li>
      ))}
    </ol>
  )
}

function whatOf({ customer, items: [first] }: Transaction): string {
  return [customer?.name ?? customer?.phone, first?.name].filter(Boolean).join(', ')
}

/** The ids that came after the first list, which is what was there already. */
function useArrived(sales: readonly Transaction[]): ReadonlySet<string> {
  const known = useRef<Set<string> | null>(null)
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const ids = sales.map(({ id }) => id)
    const fresh = known.current === null ? [] : ids.filter((id) => !known.current?.has(id))
    known.current = new Set([...(known.current ?? []), ...ids])
    if (fresh.length > 0) setArrived((before) => new Set([...before, ...fresh]))
  }, [sales])
  return arrived
}
