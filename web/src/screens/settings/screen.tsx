// How the connection works, and how to stop it.
import { useApp, useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Branches } from '#web/screens/settings/branches.tsx'
import { Counts } from '#web/screens/settings/counts.tsx'
import { Disconnect } from '#web/screens/settings/disconnect.tsx'
import { Interval } from '#web/screens/settings/interval.tsx'
import { SyncSwitch } from '#web/screens/settings/sync-switch.tsx'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { Notice } from '#web/ui/notice.tsx'
import { Screen } from '#web/ui/screen.tsx'

export function SettingsScreen() {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  const { crmType, apiUrl } = useIntegration()
  const isByFiles = crmType === 'csv' && apiUrl === null
  return (
    <Screen title={t('title')} isNarrow>
      {!can('connect') && <Notice tone="info">{t('readOnly')}</Notice>}
      {isByFiles ? (
        <Notice tone="info">{t('filesOnly')}</Notice>
      ) : (
        <>
          <SyncSwitch />
          <Interval />
          {can('connect') && <Counts />}
          <Branches />
          {can('connect') && <Disconnect />}
        </>
      )}
    </Screen>
  )
}
