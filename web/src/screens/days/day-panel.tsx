import type { components } from '#client/schema.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { RunProgress } from '#web/runs/run-progress.tsx'
import { Differences } from '#web/screens/days/differences.tsx'
import { TEXTS } from '#web/screens/days/texts.ts'
import { useCheck } from '#web/screens/days/use-check.ts'
import { Button } from '#web/ui/button.tsx'
import { Badge } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Table } from '#web/ui/table.tsx'

type CheckedDay = components['schemas']['CheckedDay']

interface Props {
  readonly day: string
  /** One for each location. */
  readonly rows: readonly CheckedDay[]
  readonly onChange: () => void
}

export function DayPanel({ day, rows, onChange }: Props) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const isDifferent = rows.some(({ state }) => state === 'different')
  const checkedAt = rows.map((row) => row.checkedAt).join()
  return (
    <Section title={f.day(day)}>
      {rows.length === 0 ? <p class="days-hint">{t('noSales')}</p> : <Locations rows={rows} />}
      <Actions {...{ day, isDifferent, onChange }} />
      {isDifferent && <Differences key={checkedAt} day={day} />}
    </Section>
  )
}

const TONES = { equal: 'success', different: 'error', unchecked: 'neutral' } as const

function Locations({ rows }: Pick<Props, 'rows'>) {
  const t = useTexts(TEXTS)
  const { locations } = useIntegration()
  const nameOf = (id: string | null) => locations.find(({ externalId }) => externalId === id)?.name ?? id ?? t('none')
  const hasTotals = rows.some(({ total }) => total !== null)
  const total = {
    ...{ key: 'total', title: t('total'), align: 'end' as const },
    render: ({ total }: CheckedDay) => <Sum of={total} />,
  }
  return (
    <Table
      caption={t('title')}
      rows={rows}
      rowKey={({ locationId }) => locationId ?? ''}
      columns={[
        { key: 'location', title: t('location'), render: ({ locationId }) => nameOf(locationId) },
        { key: 'state', title: t('state'), render: (row) => <Found row={row} /> },
        { key: 'stored', title: t('stored'), align: 'end', render: ({ stored }) => <Sum of={stored} /> },
        { key: 'crm', title: t('crm'), align: 'end', render: ({ crm }) => <Sum of={crm} /> },
        ...(hasTotals ? [total] : []),
      ]}
    />
  )
}

function Found({ row }: { readonly row: CheckedDay }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { state, checkedAt, missing, extra, different } = row
  return (
    <div class="days-found">
      <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>
      {state === 'different' && <p class="days-hint">{t('summary', { missing, extra, different })}</p>}
      {checkedAt !== null && <p class="days-hint">{t('checkedAt', { at: f.time(checkedAt) })}</p>}
    </div>
  )
}

function Sum({ of }: { readonly of: { readonly count: number | null; readonly amountMinor: number } | null }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  if (of === null) return <>{t('none')}</>
  return (
    <div class="days-sum">
      <div>{f.money(of.amountMinor)}</div>
      {of.count !== null && <div class="days-hint">{t('sales', { n: of.count })}</div>}
    </div>
  )
}

interface ActionsProps extends Pick<Props, 'day' | 'onChange'> {
  readonly isDifferent: boolean
}

function Actions({ day, isDifferent, onChange }: ActionsProps) {
  const t = useTexts(TEXTS)
  const { mayStartRuns } = useApp()
  const { run, check, repair } = useCheck(day, onChange)
  if (!mayStartRuns) return <p class="days-hint">{t('notYourLink')}</p>
  const isActive = run !== null && run.finishedAt === null
  const isBusy = isActive || check.isBusy || repair.isBusy
  return (
    <div class="days-actions">
      <div class="row">
        {isDifferent && (
          <Button kind="primary" isBusy={isBusy} onClick={repair.run}>
            {t('repair')}
          </Button>
        )}
        <Button isBusy={isBusy} onClick={check.run}>
          {t('check')}
        </Button>
      </div>
      <p class="days-hint">{t(isDifferent ? 'repairHelp' : 'checkHelp')}</p>
      {run && <RunProgress run={run} />}
      {(check.error ?? repair.error) !== null && <Problem error={check.error ?? repair.error} />}
    </div>
  )
}
