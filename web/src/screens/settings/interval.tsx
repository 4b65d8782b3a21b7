import { useState } from 'preact/hooks'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { ChangeProblem } from '#web/screens/settings/change-problem.tsx'
import { intervals } from '#web/screens/settings/intervals.ts'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { useChange } from '#web/screens/settings/use-change.ts'
import { Button } from '#web/ui/button.tsx'
import { SelectField } from '#web/ui/field.tsx'
import { Section } from '#web/ui/screen.tsx'

const HOUR = 60
const DAY = 24 * HOUR

export function Interval() {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  const { syncIntervalMinutes: present } = useIntegration()
  const [chosen, setChosen] = useState(present)
  const change = useChange()
  const every = (minutes: number) => {
    if (minutes === DAY) return t('everyDay')
    return minutes % HOUR === 0 ? t('everyHours', { n: minutes / HOUR }) : t('everyMinutes', { n: minutes })
  }
  const options = intervals(present).map((minutes) => ({ value: String(minutes), label: every(minutes) }))
  return (
    <Section title={t('schedule')}>
      {can('connect') ? (
        <form
          class="settings-form"
          onSubmit={(event) => {
            event.preventDefault()
            change.run({ body: { syncIntervalMinutes: chosen }, done: t('saved') })
          }}
        >
          <SelectField
            isRequired
            label={t('interval')}
            help={t('intervalHelp')}
            value={String(chosen)}
            options={options}
            onInput={(value) => setChosen(Number(value))}
          />
          <Button type="submit" isBusy={change.isBusy} isDisabled={chosen === present}>
            {t('save')}
          </Button>
          <ChangeProblem error={change.error} />
        </form>
      ) : (
        <p>{every(present)}</p>
      )}
    </Section>
  )
}
