// The fields of what opens a CRM. They begin empty also where something is stored: it never leaves the service.
import { useApp } from '#web/app/context.ts'
import type { FieldErrors } from '#web/crm/form-errors.ts'
import type { CrmType } from '#web/crm/schema-fields.ts'
import { TEXTS } from '#web/crm/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { secretHint } from '#web/lib/secret-hint.ts'
import { TextField } from '#web/ui/field.tsx'
import { SecretField } from '#web/ui/secret-field.tsx'

type Credential = CrmType['credentials'][number]

interface Props {
  readonly fields: readonly Credential[]
  readonly values: Readonly<Record<string, string>>
  readonly errors: FieldErrors
  readonly onValue: (name: string, value: string) => void
}

export function CredentialInputs({ fields, values, errors, onValue }: Props) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  // Where none is required by itself, such as beside a consent, the form that asks for them needs them.
  const isSaid = fields.some(({ required }) => required)
  return (
    <>
      {fields.map(({ name, label, help, required, isSecret }) => {
        const value = values[name] ?? ''
        const hint = secretHint(value)
        const common = {
          ...{
            name,
            value,
            label: label[language],
            help: help[language],
            isRequired: required || (isSaid ? false : undefined),
          },
          error: errors[`credentials.${name}`] ?? null,
          onInput: (entered: string) => onValue(name, entered),
        }
        return isSecret ? (
          <SecretField key={name} {...common} hint={hint && t(hint)} />
        ) : (
          <TextField key={name} {...common} />
        )
      })}
    </>
  )
}

/** A form shows these at once: what is required, or, where nothing is, all. */
export function mainCredentials({ credentials }: CrmType): readonly Credential[] {
  const required = credentials.filter((field) => field.required)
  return required.length > 0 ? required : credentials
}
