// While a file is sent, and when the network broke that off.
import { useEffect } from 'preact/hooks'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Row, Stack } from '#web/ui/layout.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Progress } from '#web/ui/progress.tsx'
import type { StepProps } from './file-import.tsx'
import { FileProblem } from './file-problem.tsx'
import { TEXTS } from './texts.ts'

const MB = 1_000_000

export function Sending({ flow, state: { file, sentBytes } }: StepProps) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  useEffect(() => {
    // The browser asks before it closes the page.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [])
  const all = file?.size ?? 0
  const inMb = (bytes: number) => f.number(Math.ceil(bytes / MB))
  return (
    <Stack>
      <Progress
        label={t('sending')}
        value={sentBytes}
        max={all}
        detail={t('sent', { sent: inMb(sentBytes), all: inMb(all) })}
      />
      <p>{t('stayHere')}</p>
      <Row>
        <Button kind="secondary" onClick={flow.stop}>
          {t('stop')}
        </Button>
      </Row>
    </Stack>
  )
}

export function Broken({ flow, state }: StepProps) {
  const t = useTexts(TEXTS)
  return (
    <Stack>
      {state.error !== null && <FileProblem error={state.error} title={t('notSent')} />}
      <Notice
        tone="warning"
        title={t('brokeOff')}
        actions={
          <>
            <Button kind="primary" onClick={flow.goOn}>
              {t('goOn')}
            </Button>
            <Button kind="quiet" onClick={flow.reset}>
              {t('other')}
            </Button>
          </>
        }
      />
    </Stack>
  )
}
