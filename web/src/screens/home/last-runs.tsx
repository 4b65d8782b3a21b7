import type { Run } from '#client/watch-run.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { type Outcome, type RunBar, runBars } from '#web/screens/home/run-bars.ts'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Disclosure } from '#web/ui/layout.tsx'
import { Table } from '#web/ui/table.tsx'

const OUTCOMES: readonly Outcome[] = ['changed', 'nothingNew', 'failed', 'cancelled', 'active']
/** Beside their colours. */
const SIGNS: Readonly<Partial<Record<Outcome, string>>> = { failed: '×', cancelled: '–', active: '…' }
/** Of a bar, so that the shortest can be seen. */
const HEIGHT_MIN = 0.06

export function LastRuns({ runs }: { readonly runs: readonly Run[] }) {
  const t = useTexts(TEXTS)
  // One that the schedule put in line has not begun.
  const bars = runBars(
    runs.filter(({ startedAt }) => startedAt !== null),
    new Date(),
  )
  if (bars.length === 0) return <p class="home-hint">{t('noRuns')}</p>
  return (
    <>
      <Bars bars={bars} />
      <Disclosure title={t('table')}>
        <RunTable bars={bars.toReversed()} />
      </Disclosure>
    </>
  )
}

function Bars({ bars }: { readonly bars: readonly RunBar[] }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const counts = OUTCOMES.map((outcome) => ({ outcome, count: bars.filter((bar) => bar.outcome === outcome).length }))
  const known = counts.filter(({ count }) => count > 0)
  const summary = known.map(({ outcome, count }) => `${t(`outcomes.${outcome}`)}: ${f.number(count)}`).join(', ')
  return (
    <>
      <div class="home-bars" role="img" aria-label={`${t('lastRuns')}. ${summary}`}>
        {bars.map(({ run, outcome, height }) => (
          <span
            key={run.id}
            class={`home-bar home-bar-${outcome}`}
            title={`${f.time(run.createdAt)}: ${t(`outcomes.${outcome}`)}`}
          >
            <span class="home-bar-sign">{SIGNS[outcome]}</span>
            <span class="home-bar-fill" style={{ height: `${Math.max(height, HEIGHT_MIN) * 100}%` }} />
          </span>
        ))}
      </div>
      <p class="home-legend">
        {known.map(({ outcome, count }) => (
          <span key={outcome}>
            <span class={`home-key home-bar-${outcome}`} aria-hidden="true">
              <span class="home-bar-fill" />
            </span>
            {t(`outcomes.${outcome}`)}: {f.number(count)}
          </span>
        ))}
        <span class="home-hint">{t('runsHint')}</span>
      </p>
    </>
  )
}

function RunTable({ bars }: { readonly bars: readonly RunBar[] }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <Table
      caption={t('lastRuns')}
      rows={bars}
      rowKey={({ run }) => run.id}
      columns={[
        { key: 'began', title: t('runColumns.began'), render: ({ run }) => f.time(run.startedAt ?? run.createdAt) },
        { key: 'why', title: t('runColumns.why'), render: ({ run }) => t(`triggers.${run.trigger}`) },
        {
          key: 'outcome',
          title: t('runColumns.outcome'),
          render: ({ run, outcome }) => run.error?.message ?? t(`outcomes.${outcome}`),
        },
        {
          key: 'changed',
          title: t('runColumns.changed'),
          align: 'end',
          render: ({ run: { counters } }) => f.number(counters.inserted + counters.updated),
        },
        {
          key: 'took',
          title: t('runColumns.took'),
          align: 'end',
          render: ({ seconds }) => (seconds === null ? '' : f.duration(seconds * 1000)),
        },
      ]}
    />
  )
}
