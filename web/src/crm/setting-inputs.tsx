// The fields of a CRM's settings.
import { useApp } from '#web/app/context.ts'
import type { FieldErrors } from '#web/crm/form-errors.ts'
import type { SettingField, Value, Values } from '#web/crm/schema-fields.ts'
import { TEXTS } from '#web/crm/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { CheckField, Field, SelectField, TextField, useDescription } from '#web/ui/field.tsx'

interface Props {
  readonly fields: readonly SettingField[]
  readonly values: Values
  readonly errors: FieldErrors
  readonly onValue: (path: string, value: Value) => void
}

export function SettingInputs({ fields, values, errors, onValue }: Props) {
  return (
    <>
      {fields.map((field) => (
        <SettingInput
          key={field.path}
          field={field}
          value={values[field.path] ?? field.usual}
          error={errors[`additionalConfig.${field.path}`] ?? null}
          onValue={(value) => onValue(field.path, value)}
        />
      ))}
    </>
  )
}

interface InputProps {
  readonly field: SettingField
  readonly value: Value
  readonly error: string | null
  readonly onValue: (value: Value) => void
}

function SettingInput({ field, value, error, onValue }: InputProps) {
  const t = useTexts(TEXTS)
  const { kind, label, options, isRequired, path } = field
  const texts = { label, error, isRequired: isRequired || undefined, ...(field.help !== null && { help: field.help }) }
  const text = typeof value === 'string' ? value : ''
  if (kind === 'switch') {
    return <CheckField {...texts} name={path} isChecked={value === true} onChange={onValue} />
  }
  if (kind === 'choice') {
    const unset = field.usual === '' ? [{ value: '', label: t('unset') }] : []
    return <SelectField {...texts} name={path} value={text} onInput={onValue} options={[...unset, ...options]} />
  }
  if (kind === 'choices')
    return <Choices {...{ ...texts, options, onValue }} chosen={Array.isArray(value) ? value : []} />
  if (kind === 'zone') return <ZoneField {...{ ...texts, onValue }} value={text} />
  const type = kind === 'number' ? 'number' : 'text'
  const isList = kind === 'list' || kind === 'numbers'
  const help = isList ? [texts.help, t('severalValues')].filter(Boolean).join(' ') : texts.help
  return (
    <TextField
      {...texts}
      {...(help !== undefined && { help })}
      {...{ name: path, type, value: text }}
      onInput={onValue}
    />
  )
}

interface ChoicesProps {
  readonly label: string
  readonly help?: string
  readonly error: string | null
  readonly options: SettingField['options']
  readonly chosen: readonly string[]
  readonly onValue: (value: Value) => void
}

function Choices({ label, help, error, options, chosen, onValue }: ChoicesProps) {
  const { describedBy, about, mistake } = useDescription({ help, error })
  const change = (option: string, isChosen: boolean) =>
    onValue(options.map(({ value }) => value).filter((one) => (one === option ? isChosen : chosen.includes(one))))
  return (
    <fieldset class="field" aria-describedby={describedBy}>
      <legend class="field-label">{label}</legend>
      {about}
      {options.map(({ value, label }) => (
        <CheckField
          key={value}
          label={label}
          isInvalid={error !== null}
          isChecked={chosen.includes(value)}
          onChange={(isChosen) => change(value, isChosen)}
        />
      ))}
      {mistake}
    </fieldset>
  )
}

interface ZoneProps {
  readonly label: string
  readonly help?: string
  readonly error: string | null
  readonly isRequired: boolean | undefined
  readonly value: string
  readonly onValue: (value: string) => void
}

/** Any zone by its name, with those that the browser knows to choose from. */
function ZoneField({ value, onValue, ...texts }: ZoneProps) {
  const { session } = useApp()
  return (
    <Field {...texts}>
      {(wiring) => (
        <>
          <input
            class="input"
            {...wiring}
            type="text"
            name="timezone"
            value={value}
            placeholder={session.business.timezone}
            list={`${wiring.id}-zones`}
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => onValue(currentTarget.value)}
          />
          <datalist id={`${wiring.id}-zones`}>
            {Intl.supportedValuesOf('timeZone').map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}
