// A few sales, so that the owner sees that it is the right account.
import { useIntegration } from '#web/app/context.ts'
import type { ConnectionReport } from '#web/crm/report.tsx'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/test/texts.ts'
import { Section } from '#web/ui/screen.tsx'
import { type Column, Table } from '#web/ui/table.tsx'
import { Money, Time } from '#web/ui/values.tsx'

type Sale = ConnectionReport['sample'][number]

export function Samples({ sales }: { readonly sales: readonly Sale[] }) {
  const t = useTexts(TEXTS)
  const { syncEnabled } = useIntegration()
  const newest = sales.toSorted((a, b) => (a.occurredAt < b.occurredAt ? 1 : -1))
  const columns: readonly Column<Sale>[] = [
    { key: 'when', title: t('when'), render: ({ occurredAt }) => <Time at={occurredAt} /> },
    { key: 'what', title: t('what'), render: (sale) => <Items sale={sale} /> },
    {
      key: 'customer',
      title: t('customer'),
      render: ({ customer }) => customer?.name ?? customer?.phone ?? t('nobody'),
    },
    {
      ...{ key: 'amount', title: t('amount'), align: 'end' },
      render: ({ amountMinor, currency }) => <Money {...{ amountMinor, currency }} />,
    },
  ]
  return (
    <Section title={t('samples')}>
      <p class="muted">
        {t(sales.length === 0 ? 'noSamples' : 'samplesText')} {sales.length > 0 && !syncEnabled && t('notStored')}
      </p>
      {sales.length > 0 && (
        <Table caption={t('samples')} columns={columns} rows={newest} rowKey={({ externalId }) => externalId} />
      )}
    </Section>
  )
}

function Items({ sale: { items } }: { readonly sale: Sale }) {
  const t = useTexts(TEXTS)
  const [first, ...others] = items
  if (!first) return t('nobody')
  return others.length === 0 ? first.name : t('more', { first: first.name, n: others.length })
}
