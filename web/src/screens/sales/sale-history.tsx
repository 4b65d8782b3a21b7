import { unwrap } from '#client/problem.ts'
import type { components } from '#client/schema.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { SALE_TEXTS } from '#web/sales/texts.ts'
import { type ChangedField, changedFields } from '#web/screens/sales/changes.ts'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { Loaded } from '#web/ui/loaded.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

type Transaction = components['schemas']['Transaction']
type Change = components['schemas']['TransactionChange']

/** More changes than any sale of a CRM has had. */
const SHOWN = 100

export function SaleHistory({ sale: { id: transactionId, changeSeq } }: { readonly sale: Transaction }) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id } = useIntegration()
  const history = useLoad(
    async (signal) => {
      const params = { path: { id, transactionId }, query: { limit: SHOWN } }
      return unwrap(client.GET('/v1/integrations/{id}/transactions/{transactionId}/history', { params, signal }))
    },
    [id, transactionId, changeSeq],
  )
  return (
    <Loaded of={history} skeleton={<Skeleton lines={2} />}>
      {({ items }) =>
        items.length === 0 ? (
          <p class="sales-hint">{t('noHistory')}</p>
        ) : (
          <ol class="sale-history">
            {items.map((change) => (
              <li key={change.changeSeq}>
                <ChangeOf change={change} />
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  )
}

function ChangeOf({ change: { at, source, before, after } }: { readonly change: Change }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const valueOf = useValue()
  const fields = changedFields(before, after)
  return (
    <>
      <p class="sales-hint">
        {f.time(at)}, {t(`sources.${source}`)}
      </p>
      {fields.length === 0 && <p>{t('otherChange')}</p>}
      {fields.map((field) => (
        <p key={field}>
          {t(`fields.${field}`)}: <s>{valueOf(before, field)}</s> → {valueOf(after, field)}
        </p>
      ))}
    </>
  )
}

/** A field of a sale in words. */
function useValue(): (sale: Transaction, field: ChangedField) => string {
  const t = useTexts(TEXTS)
  const word = useTexts(SALE_TEXTS)
  const f = useFormat()
  const values: Readonly<Record<ChangedField, (sale: Transaction) => string>> = {
    status: ({ status }) => word(`statuses.${status}`),
    kind: ({ kind }) => word(`kinds.${kind}`),
    amountMinor: ({ amountMinor, currency }) => f.money(amountMinor, currency),
    occurredAt: ({ occurredAt }) => f.time(occurredAt),
    customer: ({ customer }) => [customer?.name, customer?.phone, customer?.email].filter(Boolean).join(', '),
    items: ({ items }) => items.map(({ name }) => name).join(', '),
    location: ({ location }) => location?.name ?? '',
  }
  return (sale, field) => values[field](sale) || t('nothing')
}
