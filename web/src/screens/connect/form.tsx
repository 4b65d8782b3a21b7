// The form of a CRM, made from what the API says that it needs: what has to be given first, the rest folded.
import { useApp } from '#web/app/context.ts'
import { CredentialInputs } from '#web/crm/credential-inputs.tsx'
import type { CrmType } from '#web/crm/schema-fields.ts'
import { SettingInputs } from '#web/crm/setting-inputs.tsx'
import { TEXTS as CRM_TEXTS } from '#web/crm/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/connect/texts.ts'
import { type ConnectForm, isMain } from '#web/screens/connect/use-connect-form.ts'
import { Button } from '#web/ui/button.tsx'
import { TextField } from '#web/ui/field.tsx'
import { Disclosure } from '#web/ui/layout.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'

export function Form({ type, form }: { readonly type: CrmType; readonly form: ConnectForm }) {
  const t = useTexts(TEXTS)
  const more = useTexts(CRM_TEXTS)
  const { credentials, errors, fields, settings, setCredential, setSetting, submit } = form
  const [main, rest] = [
    type.credentials.filter(({ name }) => isMain(type, name)),
    type.credentials.filter(({ name }) => !isMain(type, name)),
  ]
  const [first, others] = [fields.filter((field) => field.isMain), fields.filter((field) => !field.isMain)]
  const send = (event: Event) => {
    event.preventDefault()
    submit.run()
  }
  const mistakes = Object.keys(errors).length
  return (
    <form class="stack" ref={form.ref} noValidate onSubmit={send}>
      {submit.error !== null && mistakes > 0 && <Notice tone="error" title={t('mistakes', { n: mistakes })} />}
      {type.apiUrl.required && <Address type={type} form={form} />}
      <SettingInputs {...{ errors, values: settings, fields: first, onValue: setSetting }} />
      {form.hasCredentials && <Notice>{t('keysStay')}</Notice>}
      <CredentialInputs {...{ errors, values: credentials, fields: main, onValue: setCredential }} />
      <Disclosure title={more('advanced')}>
        <CredentialInputs {...{ errors, values: credentials, fields: rest, onValue: setCredential }} />
        {!type.apiUrl.required && <Address type={type} form={form} />}
        <SettingInputs {...{ errors, values: settings, fields: others, onValue: setSetting }} />
      </Disclosure>
      {/* Beside the button: on a phone the beginning of the form is out of sight. */}
      {form.rest !== null && <Problem error={form.rest} />}
      <div class="row">
        <Button kind="primary" type="submit" isBusy={submit.isBusy}>
          {t('test')}
        </Button>
      </div>
    </form>
  )
}

function Address({ type: { apiUrl }, form }: { readonly type: CrmType; readonly form: ConnectForm }) {
  const { language } = useApp()
  return (
    <TextField
      type="url"
      label={apiUrl.label[language]}
      help={apiUrl.help[language]}
      value={form.apiUrl}
      placeholder={apiUrl.default ?? ''}
      isRequired={apiUrl.required}
      error={form.errors['apiUrl'] ?? null}
      onInput={form.setApiUrl}
    />
  )
}
