// The steps from a file to its import, as flow.ts has them.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Run } from '#client/index.ts'
import { announce } from '#web/app/announce.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { KeepFocus } from '#web/ui/keep-focus.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'
import { Spinner } from '#web/ui/spinner.tsx'
import { Check } from './check.tsx'
import { Choose, Unread } from './choose.tsx'
import type { Memory } from './interrupted.ts'
import { createFlow, type ImportFlow, type ImportState } from './flow.ts'
import { Broken, Sending } from './sending.tsx'
import { TEXTS } from './texts.ts'

export interface StepProps {
  readonly flow: ImportFlow
  readonly state: ImportState
}

/** The browser may refuse already to name it. */
const MEMORY: Memory = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, value),
  removeItem: (key) => localStorage.removeItem(key),
}

export function FileImport({ onStarted }: { readonly onStarted: (run: Run) => void }) {
  const { client } = useApp()
  const { id: integrationId } = useIntegration()
  const [, show] = useState<ImportState | null>(null)
  const [isKnown, setKnown] = useState(false)
  // Another language is another client, and the file that was chosen stays.
  const latest = useRef(client)
  latest.current = client
  const flow = useMemo(
    () =>
      createFlow({
        get client() {
          return latest.current
        },
        ...{ integrationId, memory: MEMORY, onChange: show, onStarted },
      }),
    [integrationId],
  )
  useEffect(() => {
    void flow.load().then(
      () => setKnown(true),
      () => setKnown(true),
    )
    return flow.stop
  }, [flow])
  const t = useTexts(TEXTS)
  const { step, asked } = flow.state
  useEffect(() => {
    if (step === 'check') announce(t(asked.some(({ choiceId }) => choiceId === null) ? 'questions' : 'found'))
  }, [step])
  if (isKnown) {
    return (
      <KeepFocus step={step}>
        <Step flow={flow} state={flow.state} />
      </KeepFocus>
    )
  }
  return (
    <div class="import-place">
      <Skeleton height="16rem" />
    </div>
  )
}

function Step({ flow, state }: StepProps) {
  switch (state.step) {
    case 'choose':
      return <Choose flow={flow} state={state} />
    case 'reading':
      return <Reading />
    case 'unread':
      return <Unread flow={flow} state={state} />
    case 'check':
      return <Check flow={flow} state={state} />
    case 'sending':
      return <Sending flow={flow} state={state} />
    case 'broken':
      return <Broken flow={flow} state={state} />
    default:
      throw new Error(`unknown step ${String(state.step satisfies never)}`)
  }
}

function Reading() {
  const t = useTexts(TEXTS)
  return (
    <p class="import-reading" role="status">
      <Spinner /> {t('reading')}
    </p>
  )
}
