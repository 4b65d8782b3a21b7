import { unwrap } from '#client/problem.ts'
import type { Run } from '#client/watch-run.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { Support } from '#web/app/frame.tsx'
import { hrefTo } from '#web/app/router.ts'
import { useAction } from '#web/app/use-action.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { RunProgress } from '#web/runs/run-progress.tsx'
import type { HomeState, NextStep, Tone } from '#web/screens/home/state.ts'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Button, ButtonLink } from '#web/ui/button.tsx'
import { Problem } from '#web/ui/problem.tsx'

interface Props {
  readonly state: HomeState
  readonly run: Run | null
  /** That has ended; shown while there is none to follow. */
  readonly last: Run | null
  readonly onStart: (run: Run) => void
}

/** One word for the state, one sentence of what to do, and how fresh the sales are. */
export function StateCard({ state, run, last, onStart }: Props) {
  const t = useTexts(TEXTS)
  const { mayStartRuns } = useApp()
  const { syncEnabled } = useIntegration()
  const shown = run ?? last
  return (
    <div class={`home-state home-state-${state.tone}`}>
      <div class="home-state-words">
        <p class="home-state-word" role="status">
          <StateSign tone={state.tone} />
          {t(`states.${state.name}.word`)}
        </p>
        <p class="home-state-advice">{t(`states.${state.name}.advice`)}</p>
        <div class="home-state-actions">
          <Next next={state.next} />
          {syncEnabled && mayStartRuns && <SyncNow run={run} onStart={onStart} />}
        </div>
      </div>
      <div class="home-state-now">
        <Freshness />
        <div class="home-state-run">{shown && <RunProgress run={shown} />}</div>
      </div>
    </div>
  )
}

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', busy: '↻', warning: '!', bad: '×', off: 'II' }

/** Beside its colour. */
function StateSign({ tone }: { readonly tone: Tone }) {
  return (
    <span class="home-state-sign" aria-hidden="true">
      {SIGNS[tone]}
    </span>
  )
}

/** Where a step leads, and what a session needs for it. */
const STEPS = {
  reconnect: { path: '/reconnect', permission: 'connect' },
  switchOn: { path: '/test', permission: 'connect' },
  test: { path: '/test', permission: 'connect' },
  import: { path: '/import', permission: 'import' },
} as const

function Next({ next }: { readonly next: NextStep }) {
  const t = useTexts(TEXTS)
  const { can, operator, language } = useApp()
  if (next === null) return null
  if (next === 'contact') return operator.support !== null && <Support {...{ operator, language }} />
  if (next === 'issues') {
    const show = () => document.querySelector<HTMLElement>('#home-issues')?.focus()
    return (
      <Button kind="primary" onClick={show}>
        {t('next.issues')}
      </Button>
    )
  }
  const { path, permission } = STEPS[next]
  if (!can(permission)) return <p class="home-hint">{t('notYourLink')}</p>
  return (
    <ButtonLink kind="primary" href={hrefTo(path)}>
      {t(`next.${next}`)}
    </ButtonLink>
  )
}

/** A second press joins the run that is under way. */
function SyncNow({ run, onStart }: Pick<Props, 'run' | 'onStart'>) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id } = useIntegration()
  const start = useAction(async (signal) => {
    onStart(await unwrap(client.POST('/v1/integrations/{id}/sync', { params: { path: { id } }, signal })))
  })
  const isActive = run !== null && run.finishedAt === null
  return (
    <>
      <Button kind="secondary" isBusy={start.isBusy || isActive} onClick={start.run}>
        {t('syncNow')}
      </Button>
      {start.error !== null && <Problem error={start.error} />}
    </>
  )
}

function Freshness() {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { freshness, lastSyncAt, nextSyncAt, syncEnabled } = useIntegration()
  const isDue = nextSyncAt !== null && Date.parse(nextSyncAt) <= Date.now()
  return (
    <dl class="home-facts">
      <div>
        <dt>{t('asOf')}</dt>
        <dd>{freshness.asOf === null ? t('asOfNever') : f.time(freshness.asOf)}</dd>
      </div>
      <div>
        <dt>{t('lastSync')}</dt>
        <dd>{lastSyncAt === null ? t('never') : f.ago(lastSyncAt)}</dd>
      </div>
      <div>
        <dt>{t('nextSync')}</dt>
        <dd>{!syncEnabled || nextSyncAt === null ? t('notPlanned') : isDue ? t('soon') : f.clock(nextSyncAt)}</dd>
      </div>
    </dl>
  )
}
