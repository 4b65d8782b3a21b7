// From a file of sales to what came of it: one screen, whose address names the import that is shown.
import { useState } from 'preact/hooks'
import { useApp, useIntegration } from '#web/app/context.ts'
import { navigate, useRoute } from '#web/app/router.ts'
import { KeepFocus } from '#web/ui/keep-focus.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { useTexts } from '#web/i18n/texts.ts'
import { Earlier } from './earlier.tsx'
import { FileImport } from './file-import.tsx'
import { ImportRun } from './run.tsx'
import { TEXTS } from './texts.ts'

export function ImportScreen() {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id: integrationId } = useIntegration()
  const { query } = useRoute()
  const runId = query.get('run')
  const [ended, setEnded] = useState(0)
  const show = (id: string | null) => navigate('/import', id === null ? undefined : new URLSearchParams({ run: id }))
  return (
    <Screen title={t('title')}>
      <KeepFocus step={runId ?? ''}>
        {runId === null ? (
          <FileImport onStarted={({ id }) => show(id)} />
        ) : (
          <ImportRun key={runId} {...{ client, integrationId, runId, show }} onEnd={() => setEnded(ended + 1)} />
        )}
      </KeepFocus>
      <Earlier {...{ client, integrationId }} version={`${runId} ${ended}`} />
    </Screen>
  )
}
