// What the import of a file would store, and its start.
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Row, Stack } from '#web/ui/layout.tsx'
import { Columns } from './columns.tsx'
import { FormatSelect } from './choose.tsx'
import type { StepProps } from './file-import.tsx'
import { FileProblem } from './file-problem.tsx'
import { Preview } from './preview.tsx'
import { Questions } from './questions.tsx'
import { StartForm } from './start-form.tsx'
import { TEXTS } from './texts.ts'

export function Check({ flow, state }: StepProps) {
  const t = useTexts(TEXTS)
  const { file, preview, asked, isAhead, error } = state
  if (!file || !preview) return null
  const isReady = !isAhead && asked.every(({ choiceId }) => choiceId !== null)
  return (
    <Stack>
      <Row>
        <strong class="import-file">{file.name}</strong>
        <Button kind="quiet" onClick={flow.reset}>
          {t('other')}
        </Button>
        <FormatSelect flow={flow} state={state} />
      </Row>
      {error !== null && <FileProblem error={error} title={t('notStarted')} />}
      <Questions flow={flow} state={state} />
      {isReady && (
        <Preview preview={preview}>
          <StartForm flow={flow} state={state} />
        </Preview>
      )}
      <Columns flow={flow} state={state} />
    </Stack>
  )
}
