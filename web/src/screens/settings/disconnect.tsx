import { useState } from 'preact/hooks'
import { useApp, useIntegration } from '#web/app/context.ts'
import { Support } from '#web/app/frame.tsx'
import { useTexts } from '#web/i18n/texts.ts'
import { ChangeProblem } from '#web/screens/settings/change-problem.tsx'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { useChange } from '#web/screens/settings/use-change.ts'
import { Button } from '#web/ui/button.tsx'
import { Dialog } from '#web/ui/dialog.tsx'
import { Section } from '#web/ui/screen.tsx'

/** A session removes nothing: it stops the sync, and says what stays and how the rest is removed. */
export function Disconnect() {
  const t = useTexts(TEXTS)
  const { syncEnabled } = useIntegration()
  const [isAsking, setAsking] = useState(false)
  return (
    <Section title={t('disconnect')}>
      <Consequences />
      {syncEnabled && (
        <div>
          <Button kind="danger" onClick={() => setAsking(true)}>
            {t('disconnectButton')}
          </Button>
        </div>
      )}
      <StopDialog isOpen={isAsking} onClose={() => setAsking(false)} />
    </Section>
  )
}

function Consequences() {
  const t = useTexts(TEXTS)
  const { operator, language } = useApp()
  const { webhookSetup, hasCredentials, syncEnabled } = useIntegration()
  return (
    <>
      <p>{t(syncEnabled ? 'disconnectAbout' : 'disconnectOff')}</p>
      <ul class="settings-list">
        <li>{t('disconnectStops')}</li>
        {webhookSetup && <li>{t('disconnectHooks')}</li>}
        <li>{t('disconnectStays')}</li>
        {hasCredentials && <li>{t('disconnectKey')}</li>}
        <li>
          {t('disconnectRemoval')} {operator.support !== null && <Support {...{ operator, language }} />}
        </li>
      </ul>
    </>
  )
}

function StopDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const t = useTexts(TEXTS)
  const change = useChange()
  const { syncEnabled } = useIntegration()
  const stop = () => change.run({ body: { syncEnabled: false }, done: t('stopped') })
  return (
    <Dialog
      isOpen={isOpen && syncEnabled}
      onClose={onClose}
      title={t('disconnectAsk')}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" isBusy={change.isBusy} onClick={stop}>
            {t('disconnectDo')}
          </Button>
        </>
      }
    >
      <p>
        {t('disconnectStops')} {t('disconnectStays')}
      </p>
      <ChangeProblem error={change.error} />
    </Dialog>
  )
}
