// A field with its label, what to enter, and what is wrong with what was entered: all of it read out with the field.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { CONTROLS } from '#web/ui/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'

export interface Wiring {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean | undefined
  readonly 'aria-required': boolean | undefined
}

export interface FieldTexts {
  readonly label: string
  readonly help?: ComponentChildren
  /** What is wrong, and what to do. */
  readonly error?: string | null
  /** False is said beside the label. Left out: nothing is said, as with a filter. */
  readonly isRequired?: boolean | undefined
}

interface Props extends FieldTexts {
  readonly children: (wiring: Wiring) => ComponentChildren
}

export function Field({ label, help, error = null, isRequired, children }: Props) {
  const t = useTexts(CONTROLS)
  const { id, describedBy, about, mistake } = useDescription({ help, error })
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
        {isRequired === false && <span class="field-optional"> {t('optional')}</span>}
      </label>
      {about}
      {children({
        id,
        'aria-describedby': describedBy,
        'aria-invalid': error !== null || undefined,
        'aria-required': isRequired || undefined,
      })}
      {mistake}
    </div>
  )
}

/** What stands beside a field or a group of them; `describedBy` has it read out with them. */
export function useDescription({ help, error = null }: Pick<FieldTexts, 'help' | 'error'>) {
  const id = useId()
  const [helpId, errorId] = [`${id}-help`, `${id}-error`]
  const named = [help !== undefined && helpId, error !== null && errorId].filter(Boolean).join(' ')
  return {
    id,
    describedBy: named || undefined,
    about: help !== undefined && (
      <p class="field-help" id={helpId}>
        {help}
      </p>
    ),
    mistake: error !== null && (
      <p class="field-error" id={errorId}>
        <span aria-hidden="true">!</span> {error}
      </p>
    ),
  }
}

interface ValueProps extends FieldTexts {
  readonly name?: string
  readonly value: string
  readonly onInput: (value: string) => void
}

const TYPES = {
  text: { type: 'text' },
  search: { type: 'search' },
  url: { type: 'url' },
  number: { type: 'number' },
  tel: { type: 'tel' },
  date: { type: 'date' },
} as const

interface TextProps extends ValueProps {
  readonly type?: keyof typeof TYPES
  readonly placeholder?: string
  readonly autoComplete?: string
}

export function TextField({
  name,
  value,
  onInput,
  type = 'text',
  placeholder,
  autoComplete = 'off',
  ...texts
}: TextProps) {
  return (
    <Field {...texts}>
      {(wiring) => (
        <input
          class="input"
          {...{ ...wiring, ...TYPES[type], name, value, placeholder, autoComplete }}
          autoCapitalize="off"
          spellcheck={false}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function DateField(props: Omit<TextProps, 'type' | 'placeholder'>) {
  return <TextField {...props} type="date" />
}

interface SelectProps extends ValueProps {
  readonly options: readonly { readonly value: string; readonly label: string }[]
}

export function SelectField({ name, value, onInput, options, ...texts }: SelectProps) {
  return (
    <Field {...texts}>
      {(wiring) => (
        <select
          class="input"
          {...{ ...wiring, name, value }}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface CheckProps {
  readonly label: string
  readonly help?: ComponentChildren
  readonly name?: string
  /** What is wrong, and what to do. */
  readonly error?: string | null
  /** What is wrong is said of the group that it belongs to. */
  readonly isInvalid?: boolean
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
}

export function CheckField({ label, help, name, error = null, isInvalid = false, isChecked, onChange }: CheckProps) {
  const { id, describedBy, about, mistake } = useDescription({ help, error })
  return (
    <div class="check">
      <input
        {...{ id, name, type: 'checkbox', checked: isChecked }}
        aria-describedby={describedBy}
        aria-invalid={isInvalid || error !== null || undefined}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {about}
        {mistake}
      </div>
    </div>
  )
}
