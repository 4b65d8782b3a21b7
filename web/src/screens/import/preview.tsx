// What would be stored of a file: to be compared with a report of the shop before anything is.
import type { ComponentChildren } from 'preact'
import type { ImportPreview } from '#client/index.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Card, Disclosure, Stack } from '#web/ui/layout.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Table } from '#web/ui/table.tsx'
import { Facts } from './facts.tsx'
import { RejectedTable } from './rejected.tsx'
import { TEXTS } from './texts.ts'

interface PreviewProps {
  readonly preview: ImportPreview
  /** What to do when it is right. */
  readonly children: ComponentChildren
}

export function Preview({ preview, children }: PreviewProps) {
  const t = useTexts(TEXTS)
  const { totals, problems, rejected, rows } = preview
  return (
    <Section title={t('found')}>
      <Card>
        <Stack>
          <Headline totals={totals} />
          <Facts
            facts={[
              [t('new'), preview.new],
              [t('changed'), preview.changed],
              [t('known'), preview.known],
              [t('notPaid'), totals.notPaid],
              [t('skipped'), totals.skipped],
              [t('unreadable'), totals.rejected],
            ]}
          />
          {preview.isCut && <Notice tone="info">{t('isCut')}</Notice>}
          {problems.map(({ code, detail }) => (
            <Notice key={code} tone="warning">
              {detail}
            </Notice>
          ))}
          {children}
        </Stack>
      </Card>
      {rejected.length > 0 && (
        <>
          <p>{t('wouldReject')}</p>
          <RejectedTable rows={rejected.map((row) => ({ ...row, column: row.column ?? '' }))} />
        </>
      )}
      {rows.length > 0 && (
        <Disclosure title={t('firstSales')}>
          <FirstSales rows={rows} />
        </Disclosure>
      )}
    </Section>
  )
}

function Headline({ totals: { sales, refunds, amounts, from, to } }: Pick<ImportPreview, 'totals'>) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const sum = amounts.map(({ amountMinor, currency }) => f.money(amountMinor, currency)).join(' + ')
  const parts = [
    t('foundSales', { n: sales }),
    ...(refunds > 0 ? [t('foundRefunds', { n: refunds })] : []),
    ...(sum === '' ? [] : [t('inAll', { sum })]),
  ]
  const [first, last] = [from, to].map((time) => time && f.day(f.toDay(time)))
  return (
    <div>
      <p class="import-total">{parts.join(', ')}</p>
      {first && last && <p>{first === last ? first : t('period', { from: first, to: last })}</p>}
      <p class="muted">{t('compare')}</p>
    </div>
  )
}

function FirstSales({ rows }: Pick<ImportPreview, 'rows'>) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <Table
      caption={t('firstSales')}
      rows={rows}
      rowKey={({ externalId }) => externalId}
      columns={[
        { key: 'when', title: t('when'), render: ({ occurredAt }) => f.time(occurredAt) },
        { key: 'number', title: t('number'), render: ({ externalId }) => externalId },
        { key: 'customer', title: t('customer'), render: ({ customer }) => customer?.name ?? customer?.phone ?? '–' },
        {
          ...({ key: 'sum', title: t('sum'), align: 'end' } as const),
          render: ({ amountMinor, currency }) => f.money(amountMinor, currency),
        },
      ]}
    />
  )
}
