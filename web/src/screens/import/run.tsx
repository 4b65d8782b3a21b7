// An import, or the undo of one: live while it is under way, then what came of it.
import { useEffect } from 'preact/hooks'
import { type Client, type Run, unwrap } from '#client/index.ts'
import { useApp } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useAction } from '#web/app/use-action.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button, ButtonLink } from '#web/ui/button.tsx'
import { Row, Stack } from '#web/ui/layout.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Progress } from '#web/ui/progress.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Facts } from './facts.tsx'
import { RejectedRows } from './rejected.tsx'
import { headlineOf, isUndoable } from './runs.ts'
import { TEXTS } from './texts.ts'
import { Undo } from './undo.tsx'
import { useRun } from '#web/runs/use-run.ts'

interface ImportRunProps {
  readonly client: Client
  readonly integrationId: string
  readonly runId: string
  /** Null: the beginning of the screen. */
  readonly show: (runId: string | null) => void
  readonly onEnd: () => void
}

export function ImportRun({ client, integrationId, runId, show, onEnd }: ImportRunProps) {
  const { run, error, watchAgain } = useRun(client, { integrationId, runId })
  const isOver = run !== null && run.finishedAt !== null
  useEffect(() => {
    if (isOver) onEnd()
  }, [isOver])
  return (
    <Stack>
      {error !== null && <Problem error={error} />}
      {run && <KnownRun run={run} watchAgain={watchAgain} show={show} />}
      {!run && error === null && <Skeleton lines={4} />}
    </Stack>
  )
}

interface KnownRunProps {
  readonly run: Run
  readonly watchAgain: () => void
  readonly show: ImportRunProps['show']
}

function KnownRun({ run, watchAgain, show }: KnownRunProps) {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  const isImport = run.task !== 'undo'
  const isOver = run.finishedAt !== null
  return (
    <>
      <State run={run} />
      {isImport && <Counters run={run} />}
      <Row>
        <Controls run={run} watchAgain={watchAgain} />
        {isOver && can('view') && <ButtonLink href={hrefTo('/sales')}>{t('toSales')}</ButtonLink>}
        {isOver && <Button onClick={() => show(null)}>{t('another')}</Button>}
        {isUndoable(run) && <Undo run={run} onStarted={({ id }) => show(id)} />}
      </Row>
      {isImport && isOver && run.counters.quarantined > 0 && <RejectedRows run={run} />}
    </>
  )
}

const TONES = { succeeded: 'success', failed: 'error', cancelled: 'warning' } as const

function State({ run }: { readonly run: Run }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { status, error, resumeAt, progress, needsConfirmation } = run
  const headline = t(headlineOf(run))
  if (status === 'succeeded' || status === 'failed' || status === 'cancelled') {
    return (
      <div role="status">
        <Notice tone={needsConfirmation ? 'warning' : TONES[status]} title={headline}>
          {error && <p>{error.message}</p>}
          {status !== 'succeeded' && <p>{t('keptSoFar')}</p>}
        </Notice>
      </div>
    )
  }
  return (
    <div class="import-state">
      <p class="import-total" role="status">
        {headline}
      </p>
      <Progress label={headline} value={progress.done} max={progress.total} />
      {status === 'waiting' && error && <p>{error.message}</p>}
      {status === 'waiting' && resumeAt !== null && <p>{t('waiting', { at: f.clock(resumeAt) })}</p>}
      <p>{t('mayClose')}</p>
    </div>
  )
}

function Counters({ run: { counters } }: { readonly run: Run }) {
  const t = useTexts(TEXTS)
  return (
    <Facts
      facts={[
        [t('added'), counters.inserted],
        [t('updated'), counters.updated],
        [t('unchanged'), counters.unchanged],
        [t('left'), counters.skipped],
        [t('rejected'), counters.quarantined],
      ]}
    />
  )
}

/** What a person may do while it is under way, and when it waits for a word. */
function Controls({ run, watchAgain }: Omit<KnownRunProps, 'show'>) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const params = { path: { id: run.integrationId, runId: run.id } }
  const confirm = useAction(async () => {
    await unwrap(client.POST('/v1/integrations/{id}/runs/{runId}/confirm', { params }))
    watchAgain()
  })
  const cancel = useAction(async () => {
    await unwrap(client.POST('/v1/integrations/{id}/runs/{runId}/cancel', { params }))
  })
  const error = confirm.error ?? cancel.error
  return (
    <>
      {error !== null && <Problem error={error} />}
      {run.needsConfirmation && (
        <Button kind="primary" isBusy={confirm.isBusy} onClick={confirm.run}>
          {t('confirm')}
        </Button>
      )}
      {run.finishedAt === null && run.task !== 'undo' && (
        <Button isBusy={cancel.isBusy} onClick={cancel.run}>
          {t('stop')}
        </Button>
      )}
    </>
  )
}
