// What counts as a sale: the settings of the CRM, in the form that connecting has. They are tested before they are kept.
import { useMemo, useState } from 'preact/hooks'
import { ProblemError, unwrap } from '#client/problem.ts'
import { type Integration, useApp, useIntegration } from '#web/app/context.ts'
import { useLoad } from '#web/app/use-load.ts'
import { sortErrors } from '#web/crm/form-errors.ts'
import { configOf, type CrmType, settingFields, type Value, type Values, valuesOf } from '#web/crm/schema-fields.ts'
import { SettingInputs } from '#web/crm/setting-inputs.tsx'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { ChangeProblem } from '#web/screens/settings/change-problem.tsx'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { useChange } from '#web/screens/settings/use-change.ts'
import { Button } from '#web/ui/button.tsx'
import { Disclosure } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

interface Seen {
  readonly integration: Integration
  /** Says which settings the person saw. */
  readonly etag: string | null
}

export function Counts() {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id, crmType } = useIntegration()
  const types = useCrmTypes()
  const type = types.data?.find((one) => one.crmType === crmType)
  const seen = useLoad<Seen>(
    async (signal) => {
      const answer = await client.GET('/v1/integrations/{id}', { params: { path: { id } }, signal })
      const integration = await unwrap(Promise.resolve(answer))
      return { integration, etag: answer.response.headers.get('etag') }
    },
    [id],
    { isOnce: true },
  )
  return (
    <Section title={t('counts')}>
      <p class="settings-hint">{t('countsHelp')}</p>
      <Loaded of={seen} skeleton={<Skeleton height="14rem" />}>
        {(known) => type && <SettingsForm type={type} seen={known} onSaved={seen.reload} />}
      </Loaded>
    </Section>
  )
}

interface Props {
  readonly type: CrmType
  readonly seen: Seen
  /** To read what counts as seen from now on. */
  readonly onSaved: () => void
}

function SettingsForm({ type, seen, onSaved }: Props) {
  const t = useTexts(TEXTS)
  const { fields, values, setValue, change, save } = useSettings({ type, seen, onSaved })
  const { fields: errors, rest } = sortErrors(
    change.error,
    fields.map(({ path }) => `additionalConfig.${path}`),
  )
  const inputs = { values, errors, onValue: setValue }
  const [main, others] = [fields.filter(({ isMain }) => isMain), fields.filter(({ isMain }) => !isMain)]
  const isStale = rest instanceof ProblemError && rest.problem.code === 'precondition_failed'
  return (
    <form class="settings-form" noValidate onSubmit={save}>
      <SettingInputs fields={main} {...inputs} />
      {others.length > 0 && (
        <Disclosure title={t('more')} isOpen={main.length === 0}>
          <SettingInputs fields={others} {...inputs} />
        </Disclosure>
      )}
      <Button type="submit" isBusy={change.isBusy}>
        {t('save')}
      </Button>
      <p class="settings-hint" role="status">
        {change.isBusy && t('testing')}
      </p>
      {isStale ? (
        <Notice tone="warning" actions={<Button onClick={() => location.reload()}>{t('showNew')}</Button>}>
          <p>{t('changedElsewhere')}</p>
        </Notice>
      ) : (
        <ChangeProblem error={rest} />
      )}
    </form>
  )
}

function useSettings({ type, seen: { integration, etag }, onSaved }: Props) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  const { syncEnabled } = useIntegration()
  const fields = useMemo(() => settingFields(type, language), [type, language])
  const [values, setValues] = useState<Values>(() => valuesOf(fields, integration.additionalConfig))
  const change = useChange(onSaved)
  const setValue = (path: string, value: Value) => setValues((known) => ({ ...known, [path]: value }))
  const save = (event: Event) => {
    event.preventDefault()
    const additionalConfig = configOf(fields, values, integration.additionalConfig)
    // With sync on they have to pass the test at once; else nothing would be synced until somebody switches it on.
    const body = { additionalConfig, ...(syncEnabled && { syncEnabled: true }) }
    change.run({ body, done: t(syncEnabled ? 'savedAndTested' : 'savedUntested'), etag })
  }
  return { fields, values, setValue, change, save }
}
