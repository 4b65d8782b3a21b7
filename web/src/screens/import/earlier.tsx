// The imports of the last time, the newest first.
import { type Client, type Run, unwrap } from '#client/index.ts'
import { hrefTo } from '#web/app/router.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Loaded } from '#web/ui/loaded.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Table } from '#web/ui/table.tsx'
import { headlineOf } from './runs.ts'
import { TEXTS } from './texts.ts'

const SHOWN_MAX = 10

interface EarlierProps {
  readonly client: Client
  readonly integrationId: string
  /** The list is read again when it changes. */
  readonly version: string
}

export function Earlier({ client, integrationId, version }: EarlierProps) {
  const t = useTexts(TEXTS)
  const params = { path: { id: integrationId }, query: { trigger: 'import', limit: SHOWN_MAX } as const }
  const read = async (signal: AbortSignal) => unwrap(client.GET('/v1/integrations/{id}/runs', { params, signal }))
  const load = useLoad(read, [client, integrationId, version])
  return (
    <Section title={t('earlier')}>
      <Loaded of={load} skeleton={<Skeleton lines={3} />}>
        {({ items }) => (items.length === 0 ? <p>{t('none')}</p> : <Runs runs={items} />)}
      </Loaded>
    </Section>
  )
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <Table
      caption={t('earlier')}
      rows={runs}
      rowKey={({ id }) => id}
      columns={[
        {
          ...({ key: 'when', title: t('when') } as const),
          render: ({ id, createdAt }) => <a href={hrefTo('/import', { run: id })}>{f.time(createdAt)}</a>,
        },
        { key: 'state', title: t('state'), render: (run) => t(headlineOf(run)) },
        {
          ...({ key: 'added', title: t('added'), align: 'end' } as const),
          render: ({ counters }) => f.number(counters.inserted),
        },
        {
          ...({ key: 'updated', title: t('updated'), align: 'end' } as const),
          render: ({ counters }) => f.number(counters.updated),
        },
        {
          ...({ key: 'rejected', title: t('rejected'), align: 'end' } as const),
          render: ({ counters }) => f.number(counters.quarantined),
        },
      ]}
    />
  )
}
