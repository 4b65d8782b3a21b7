import { unwrap } from '#client/problem.ts'
import type { components } from '#client/schema.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { SALE_TEXTS } from '#web/sales/texts.ts'
import { TEXTS } from '#web/screens/days/texts.ts'
import { Loaded } from '#web/ui/loaded.tsx'
import { Badge } from '#web/ui/notice.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Table } from '#web/ui/table.tsx'

type Difference = components['schemas']['Difference']

const TONES = { missing: 'error', extra: 'warning', different: 'info' } as const

export function Differences({ day }: { readonly day: string }) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id } = useIntegration()
  const found = useLoad(
    async (signal) => {
      const params = { path: { id, day } }
      const found = await unwrap(client.GET('/v1/integrations/{id}/days/{day}/differences', { params, signal }))
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file only where it is asked for
      return found as components['schemas']['DifferenceList']
    },
    [id, day],
  )
  return (
    <>
      <h3>{t('differences')}</h3>
      <Loaded of={found} skeleton={<Skeleton lines={4} />}>
        {({ items }) => <DifferenceTable items={items} />}
      </Loaded>
    </>
  )
}

function DifferenceTable({ items }: { readonly items: readonly Difference[] }) {
  const t = useTexts(TEXTS)
  return (
    <Table
      caption={t('differences')}
      rows={items}
      rowKey={({ externalId }) => externalId}
      columns={[
        { key: 'number', title: t('number'), render: ({ externalId }) => <Numbered externalId={externalId} /> },
        { key: 'what', title: t('what'), render: (difference) => <What difference={difference} /> },
        { key: 'stored', title: t('stored'), align: 'end', render: ({ stored }) => <Facts facts={stored} /> },
        { key: 'crm', title: t('crm'), align: 'end', render: ({ crm }) => <Facts facts={crm} /> },
      ]}
    />
  )
}

function Facts({ facts }: { readonly facts: Difference['stored'] }) {
  const t = useTexts(TEXTS)
  const word = useTexts(SALE_TEXTS)
  const f = useFormat()
  if (facts === null) return <>{t('none')}</>
  return (
    <div class="days-sum">
      <div>{f.money(facts.amountMinor, facts.currency)}</div>
      <div class="days-hint">{[f.clock(facts.occurredAt), word(`statuses.${facts.status}`)].join(', ')}</div>
    </div>
  )
}

function What({ difference: { kind, fields } }: { readonly difference: Difference }) {
  const t = useTexts(TEXTS)
  return (
    <>
      <Badge tone={TONES[kind]}>{t(`kinds.${kind}`)}</Badge>{' '}
      {kind === 'different' && fields.map((field) => t(`fields.${field}`)).join(', ')}
    </>
  )
}

function Numbered({ externalId }: Pick<Difference, 'externalId'>) {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  return (
    <div class="days-numbered">
      <span>{externalId}</span>
      {can('view') && (
        <a href={hrefTo('/explain', { id: externalId })} aria-label={t('whyOf', { id: externalId })}>
          {t('why')}
        </a>
      )}
    </div>
  )
}
