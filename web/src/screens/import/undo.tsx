// Takes an import back, after it was shown what that would do.
import { useState } from 'preact/hooks'
import { type components, type Run, unwrap } from '#client/index.ts'
import { useApp } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Dialog } from '#web/ui/dialog.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { useAction } from '#web/app/use-action.ts'
import { Facts } from './facts.tsx'
import { TEXTS } from './texts.ts'

interface UndoProps {
  readonly run: Run
  readonly onStarted: (run: Run) => void
}

export function Undo({ run, onStarted }: UndoProps) {
  const t = useTexts(TEXTS)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button kind="danger" onClick={() => setIsOpen(true)}>
        {t('undo')}
      </Button>
      {isOpen && <UndoDialog run={run} onStarted={onStarted} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function UndoDialog({ run, onStarted, onClose }: UndoProps & { readonly onClose: () => void }) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const path = { id: run.integrationId, runId: run.id }
  const would = useLoad(
    async (signal) => {
      const params = { path, query: { dryRun: 'true' } as const }
      return unwrap(client.POST('/v1/integrations/{id}/imports/{runId}/undo', { params, signal }))
    },
    [run.id],
  )
  const undo = useAction(async () => {
    const started = await unwrap(client.POST('/v1/integrations/{id}/imports/{runId}/undo', { params: { path } }))
    if ('id' in started) onStarted(started)
  })
  const actions = (
    <>
      <Button onClick={onClose}>{t('undoNo')}</Button>
      {would.data && changesAnything(would.data) && (
        <Button kind="danger" isBusy={undo.isBusy} onClick={undo.run}>
          {t('undoYes')}
        </Button>
      )}
    </>
  )
  return (
    <Dialog isOpen onClose={onClose} title={t('undoTitle')} actions={actions}>
      {undo.error !== null && <Problem error={undo.error} />}
      <Loaded of={would} skeleton={<Skeleton lines={3} />}>
        {(shown) => 'cancelled' in shown && <Outcome shown={shown} />}
      </Loaded>
    </Dialog>
  )
}

type UndoPreview = components['schemas']['UndoPreview']

function changesAnything(shown: UndoPreview | Run): boolean {
  return 'cancelled' in shown && shown.cancelled + shown.restored > 0
}

function Outcome({ shown }: { readonly shown: UndoPreview }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <>
      <Facts
        facts={[
          [t('undoCancels'), shown.cancelled],
          [t('undoRestores'), shown.restored],
          [t('undoKeeps'), shown.kept],
        ]}
      />
      {!changesAnything(shown) && <p>{t('undoNothing')}</p>}
      {shown.paidChange.map(({ currency, amountMinor }) => (
        <p key={currency}>
          {t(amountMinor < 0 ? 'undoLess' : 'undoMore', { sum: f.money(Math.abs(amountMinor), currency) })}
        </p>
      ))}
    </>
  )
}
