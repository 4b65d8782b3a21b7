import type { components } from '#client/schema.ts'
import { hrefTo } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { StatusBadge } from '#web/sales/status-badge.tsx'
import { SaleHistory } from '#web/screens/sales/sale-history.tsx'
import { TEXTS } from '#web/screens/sales/texts.ts'

type Transaction = components['schemas']['Transaction']

export function SaleDetails({ sale }: { readonly sale: Transaction }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <div class="sale">
      <p class="sale-sum">{f.money(sale.amountMinor, sale.currency)}</p>
      <p class="sale-when">
        {f.time(sale.occurredAt)}
        {sale.location?.name && `, ${sale.location.name}`} <StatusBadge sale={sale} />
      </p>
      <Items sale={sale} />
      <Customer customer={sale.customer} />
      <Origin sale={sale} />
      {/* Read by itself, so nothing stands below it that would move. */}
      <h3>{t('history')}</h3>
      <SaleHistory sale={sale} />
    </div>
  )
}

function Items({ sale: { items, currency } }: { readonly sale: Transaction }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  if (items.length === 0) return null
  return (
    <>
      <h3>{t('items')}</h3>
      <ul class="sale-items">
        {items.map(({ name, quantity, amountMinor }, index) => (
          <li key={`${index}:${name}`}>
            <span>
              {name} {quantity !== 1 && <span class="sales-hint">× {f.number(quantity)}</span>}
            </span>
            <span>{f.money(amountMinor, currency)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Customer({ customer }: Pick<Transaction, 'customer'>) {
  const t = useTexts(TEXTS)
  const facts =
    customer &&
    ([
      ['name', customer.name],
      ['phone', customer.phone],
      ['email', customer.email],
      ['card', customer.card],
    ] as const)
  return (
    <>
      <h3>{t('customer')}</h3>
      {facts ? (
        <Facts facts={facts.map(([name, value]) => [t(`customer.${name}`), value])} />
      ) : (
        <p class="sales-hint">{t('noCustomer')}</p>
      )}
    </>
  )
}

function Origin({ sale }: { readonly sale: Transaction }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <>
      <h3>{t('origin')}</h3>
      <Facts
        facts={[
          [t('externalId'), sale.externalId],
          [t('sourceUpdated'), sale.sourceUpdatedAt && f.time(sale.sourceUpdatedAt)],
          [t('stored'), f.time(sale.createdAt)],
        ]}
      />
      <p class="sale-why">
        <a href={hrefTo('/explain', { id: sale.externalId })}>{t('inCrmNow')}</a>
      </p>
    </>
  )
}

type Fact = readonly [title: string, value: string | null]

/** What is not known is left out. */
function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="sale-facts">
      {facts.map(([title, value]) =>
        value === null ? null : (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
