import { useApp, useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { ChangeProblem } from '#web/screens/settings/change-problem.tsx'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { useChange } from '#web/screens/settings/use-change.ts'
import { Button } from '#web/ui/button.tsx'
import { Section } from '#web/ui/screen.tsx'

export function SyncSwitch() {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  const { syncEnabled } = useIntegration()
  const change = useChange()
  return (
    <Section title={t('sync')}>
      <div class="settings-form">
        <p>{t(syncEnabled ? 'syncOn' : 'syncOff')}</p>
        {can('connect') &&
          (syncEnabled ? (
            <Button
              isBusy={change.isBusy}
              onClick={() => change.run({ body: { syncEnabled: false }, done: t('paused') })}
            >
              {t('pause')}
            </Button>
          ) : (
            <Button
              kind="primary"
              isBusy={change.isBusy}
              onClick={() => change.run({ body: { syncEnabled: true }, done: t('resumed') })}
            >
              {t('resume')}
            </Button>
          ))}
        <p class="settings-hint" role="status">
          {change.isBusy && !syncEnabled && t('resuming')}
        </p>
        <ChangeProblem error={change.error} />
      </div>
    </Section>
  )
}
