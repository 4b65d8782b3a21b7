// The rows of a file that were rejected, and the file to mend them in.
import { refusalOf, type Run } from '#client/index.ts'
import { useApp } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Row } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Table } from '#web/ui/table.tsx'
import { DownloadButton } from './download-button.tsx'
import { readBeginning } from './read-beginning.ts'
import { readRejectedRows, type RejectedRow } from './rejected-rows.ts'
import { TEXTS } from './texts.ts'

const ROWS_MAX = 100
/** Enough for as many rows of a usual length. */
const CHARACTERS_MAX = 200_000

export function RejectedRows({ run: { id: runId, integrationId, counters } }: { readonly run: Run }) {
  const t = useTexts(TEXTS)
  const { client, language } = useApp()
  // Excel in Russia opens a table with this delimiter.
  const delimiter = language === 'ru' ? ';' : ','
  const path = `/v1/integrations/${integrationId}/imports/${runId}/errors.csv?delimiter=${encodeURIComponent(delimiter)}`
  const load = useLoad(
    async (signal) => {
      const response = await client.send(path, { signal })
      if (!response.ok) throw await refusalOf(response)
      return readRejectedRows(await readBeginning(response, CHARACTERS_MAX), delimiter, ROWS_MAX)
    },
    [path],
  )
  return (
    <Section title={t('rejectedRows')}>
      <p>{t('rejectedLead')}</p>
      <Row>
        <DownloadButton path={path} name="errors.csv" kind="primary">
          {t('download')}
        </DownloadButton>
      </Row>
      <Loaded of={load} skeleton={<Skeleton lines={4} />}>
        {(rows) => (
          <>
            <RejectedTable rows={rows} />
            {rows.length < counters.quarantined && (
              <p>{t('firstOf', { shown: rows.length, all: counters.quarantined })}</p>
            )}
          </>
        )}
      </Loaded>
    </Section>
  )
}

export function RejectedTable({ rows }: { readonly rows: readonly RejectedRow[] }) {
  const t = useTexts(TEXTS)
  return (
    <Table
      caption={t('rejectedRows')}
      rows={rows}
      rowKey={({ line }) => String(line)}
      columns={[
        { key: 'line', title: t('line'), render: ({ line }) => line },
        { key: 'column', title: t('inColumn'), render: ({ column }) => column },
        { key: 'reason', title: t('reason'), render: ({ reason }) => reason },
        { key: 'raw', title: t('row'), render: ({ raw }) => <code class="import-raw">{raw}</code> },
      ]}
    />
  )
}
