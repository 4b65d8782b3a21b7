import { useState } from 'preact/hooks'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { TextField } from '#web/ui/field.tsx'
import { nameFor } from './doubts.ts'
import type { StepProps } from './file-import.tsx'
import { needsName, usedFormat } from './flow.ts'
import { TEXTS } from './texts.ts'

/** Starts the import; answers are saved first, under a name. */
export function StartForm({ flow, state }: StepProps) {
  const t = useTexts(TEXTS)
  const names = state.formats.map(({ name }) => name)
  const used = usedFormat(state)?.name
  const [name, setName] = useState(used ?? nameFor(state.file?.name ?? '', names))
  const isNamed = needsName(state)
  const typed = name.trim()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!isNamed || typed !== '') await flow.start(isNamed ? typed : null)
  }
  return (
    <form class="import-start" onSubmit={(event) => void submit(event)}>
      {isNamed && (
        <TextField
          label={t('saveAs')}
          help={names.includes(typed) && typed !== used ? t('replaces') : t('saveHelp')}
          error={typed === '' ? t('nameNeeded') : null}
          value={name}
          isRequired
          onInput={setName}
        />
      )}
      <Button kind="primary" type="submit">
        {t('start')}
      </Button>
    </form>
  )
}
