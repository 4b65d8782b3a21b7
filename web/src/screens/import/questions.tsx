// The questions about a file, each answer with what it would store.
import { useRef, useState } from 'preact/hooks'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Section } from '#web/ui/screen.tsx'
import type { Asked } from './doubts.ts'
import type { StepProps } from './file-import.tsx'
import { TEXTS } from './texts.ts'

export function Questions({ flow, state: { asked, isAhead, preview } }: StepProps) {
  const t = useTexts(TEXTS)
  const [isChecked, setIsChecked] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  if (asked.length === 0) return null
  const currency = preview?.totals.amounts[0]?.currency
  const submit = (event: Event) => {
    event.preventDefault()
    setIsChecked(true)
    if (asked.every(({ choiceId }) => choiceId !== null)) void flow.apply()
    else form.current?.querySelector<HTMLInputElement>('fieldset[data-open] input')?.focus()
  }
  return (
    <Section title={t('questions')}>
      <p>{t('questionsLead')}</p>
      <form ref={form} class="import-questions" onSubmit={submit}>
        {asked.map((one, at) => (
          <Question
            key={one.doubt.message}
            {...{ ...one, at, currency, isMissed: isChecked && one.choiceId === null }}
            onAnswer={(choiceId) => flow.answer(at, choiceId)}
          />
        ))}
        {isAhead || asked.some(({ choiceId }) => choiceId === null) ? (
          <Button kind="primary" type="submit">
            {t('apply')}
          </Button>
        ) : (
          <p role="status">{t('applied')}</p>
        )}
      </form>
    </Section>
  )
}

interface QuestionProps extends Asked {
  readonly at: number
  readonly currency: string | undefined
  readonly isMissed: boolean
  readonly onAnswer: (choiceId: string) => void
}

function Question({ doubt, choiceId, at, currency, isMissed, onAnswer }: QuestionProps) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const errorId = `import-question-${at}`
  return (
    <fieldset
      class="import-question"
      data-open={choiceId === null ? '' : undefined}
      aria-describedby={isMissed ? errorId : undefined}
    >
      <legend>{doubt.message}</legend>
      {isMissed && (
        <p id={errorId} class="import-question__error" role="alert">
          {t('answerThis')}
        </p>
      )}
      {doubt.choices.map(({ id, label, count, totalMinor }) => (
        <label key={id} class="import-choice">
          <input type="radio" name={errorId} checked={id === choiceId} onChange={() => onAnswer(id)} />
          <span class="import-choice__label">{label}</span>
          <span class="import-choice__total">{t('choiceTotal', { n: count, sum: f.money(totalMinor, currency) })}</span>
        </label>
      ))}
    </fieldset>
  )
}
