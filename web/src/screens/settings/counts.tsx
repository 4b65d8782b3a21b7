// What counts as a sale: the settings of the CRM, in the form that connecting has. They are tested before being kept.
import { ProblemError } from '#client/problem.ts'
import { useIntegration } from '#web/app/context.ts'
import { sortErrors } from '#web/crm/form-errors.ts'
import type { CrmType } from '#web/crm/schema-fields.ts'
import { SettingInputs } from '#web/crm/setting-inputs.tsx'
import { useFirstMistake } from '#web/crm/use-first-mistake.ts'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { ChangeProblem } from '#web/screens/settings/change-problem.tsx'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { ChangedElsewhere, useSettings } from '#web/screens/settings/use-settings.ts'
import { Button } from '#web/ui/button.tsx'
import { Disclosure } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

export function Counts() {
  const t = useTexts(TEXTS)
  const { crmType } = useIntegration()
  const types = useCrmTypes()
  return (
    <Section title={t('counts')}>
      <p class="settings-hint">{t('countsHelp')}</p>
      <Loaded of={types} skeleton={<Skeleton height="14rem" />}>
        {(all) => {
          const type = all.find((one) => one.crmType === crmType)
          return type && <SettingsForm type={type} />
        }}
      </Loaded>
    </Section>
  )
}

function SettingsForm({ type }: { readonly type: CrmType }) {
  const t = useTexts(TEXTS)
  const { fields, values, setValue, save } = useSettings(type)
  const form = useFirstMistake(save.error)
  const { fields: errors, rest } = sortErrors(
    save.error,
    fields.map(({ path }) => `additionalConfig.${path}`),
  )
  const inputs = { values, errors, onValue: setValue }
  const [main, others] = [fields.filter(({ isMain }) => isMain), fields.filter(({ isMain }) => !isMain)]
  const submit = (event: Event) => {
    event.preventDefault()
    save.run()
  }
  return (
    <form class="settings-form" ref={form} noValidate onSubmit={submit}>
      <SettingInputs fields={main} {...inputs} />
      {others.length > 0 && (
        <Disclosure title={t('more')} isOpen={main.length === 0}>
          <SettingInputs fields={others} {...inputs} />
        </Disclosure>
      )}
      <Button type="submit" isBusy={save.isBusy}>
        {t('save')}
      </Button>
      <p class="settings-hint" role="status">
        {save.isBusy && t('testing')}
      </p>
      {isStale(rest) ? <Stale /> : <ChangeProblem error={rest} />}
    </form>
  )
}

function isStale(error: unknown): boolean {
  const code = error instanceof ProblemError ? error.problem.code : null
  return error instanceof ChangedElsewhere || code === 'precondition_failed'
}

function Stale() {
  const t = useTexts(TEXTS)
  return (
    <Notice tone="error" actions={<Button onClick={() => location.reload()}>{t('showNew')}</Button>}>
      <p>{t('changedElsewhere')}</p>
    </Notice>
  )
}
