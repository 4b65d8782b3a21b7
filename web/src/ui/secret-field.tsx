// For keys and passwords: what is pasted loses the spaces that come with it, and can be looked at before it is sent.
// What is stored is never shown again, so the field begins empty.
import { useState } from 'preact/hooks'
import { cleanSecret } from '#web/lib/clean-secret.ts'
import { Field, type FieldTexts } from '#web/ui/field.tsx'
import { CONTROLS } from '#web/ui/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'

const SHOWN = { type: 'text' } as const
const HIDDEN = { type: 'password' } as const

interface Props extends FieldTexts {
  readonly name?: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** What is unusual about the value; it may be right all the same. */
  readonly hint?: string | null
}

export function SecretField({ name, value, onInput, hint = null, ...texts }: Props) {
  const t = useTexts(CONTROLS)
  const [isShown, setShown] = useState(false)
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text')
    const { currentTarget: input } = event
    // Pasted into the middle of something, it is not a whole key.
    if (
      !text ||
      !(input instanceof HTMLInputElement) ||
      input.selectionEnd !== input.value.length ||
      input.selectionStart !== 0
    )
      return
    event.preventDefault()
    onInput(cleanSecret(text))
  }
  return (
    <Field {...texts}>
      {(wiring) => (
        <>
          <div class="secret">
            <input
              class="input is-code"
              {...{ ...wiring, ...(isShown ? SHOWN : HIDDEN), name, value }}
              autoComplete="new-password"
              autoCapitalize="off"
              spellcheck={false}
              onPaste={paste}
              onInput={({ currentTarget }) => onInput(currentTarget.value)}
            />
            <button type="button" class="secret-show" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? t('hide') : t('show')}
              <span class="read-out"> {texts.label}</span>
            </button>
          </div>
          <p class="field-hint" role="status">
            {hint}
          </p>
        </>
      )}
    </Field>
  )
}
