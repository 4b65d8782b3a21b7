// Before a file is read, and after one could not be.
import { useApp, useIntegration } from '#web/app/context.ts'
import { LOCALE } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { SelectField } from '#web/ui/field.tsx'
import { Row, Stack } from '#web/ui/layout.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { DownloadButton } from './download-button.tsx'
import { DropZone } from './drop-zone.tsx'
import { FileProblem } from './file-problem.tsx'
import type { StepProps } from './file-import.tsx'
import { shareSent } from './interrupted.ts'
import { TEXTS } from './texts.ts'

export function Choose({ flow, state }: StepProps) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  const { id } = useIntegration()
  const sample = `/v1/integrations/${id}/imports/sample.csv?language=${language}`
  return (
    <Stack>
      <Interrupted flow={flow} state={state} />
      <DropZone onFile={(file) => void flow.choose(file)} />
      <Row>
        <FormatSelect flow={flow} state={state} />
        <DownloadButton path={sample} name="sample.csv" kind="quiet">
          {t('sample')}
        </DownloadButton>
      </Row>
    </Stack>
  )
}

function Interrupted({ flow, state: { interrupted } }: StepProps) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  if (!interrupted) return null
  const percent = new Intl.NumberFormat(LOCALE[language], { style: 'percent', roundingMode: 'floor' })
  return (
    <Notice
      tone="warning"
      title={t('interrupted', { name: interrupted.name, percent: percent.format(shareSent(interrupted)) })}
      actions={<Button onClick={flow.forget}>{t('forget')}</Button>}
    />
  )
}

/** Chosen before the file or after it: a file that has been read is read again by it. */
export function FormatSelect({ flow, state: { formats, format } }: StepProps) {
  const t = useTexts(TEXTS)
  if (formats.length === 0) return null
  const options = formats.map(({ name }) => ({ value: name, label: name }))
  return (
    <SelectField
      label={t('readAs')}
      value={format ?? ''}
      options={[{ value: '', label: t('byColumns') }, ...options]}
      onInput={(name) => void flow.readAs(name === '' ? null : name)}
    />
  )
}

export function Unread({ flow, state }: StepProps) {
  const t = useTexts(TEXTS)
  return (
    <Stack>
      <FileProblem error={state.error} title={t('notRead')} again={flow.apply} />
      <Choose flow={flow} state={state} />
    </Stack>
  )
}
