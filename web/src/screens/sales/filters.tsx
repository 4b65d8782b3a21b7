import { useEffect, useRef, useState } from 'preact/hooks'
import { useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { useMedia } from '#web/lib/use-media.ts'
import { SALE_TEXTS } from '#web/sales/texts.ts'
import { KINDS, PRESETS, presetDays, presetOf, type SalesFilter, STATUSES } from '#web/screens/sales/filter.ts'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { DateField, SelectField, TextField } from '#web/ui/field.tsx'
import { Disclosure } from '#web/ui/layout.tsx'

interface Props {
  readonly filter: SalesFilter
  readonly today: string
  readonly onChange: (filter: SalesFilter) => void
}

/** On a phone what is seldom needed would stand before the sales. */
const WIDE = '(min-width: 40rem)'

export function Filters({ filter, today, onChange }: Props) {
  const t = useTexts(TEXTS)
  const isWide = useMedia(WIDE)
  const { status, kind, locationId, q } = filter
  const isUsed = [status, kind, locationId].some((part) => part !== null) || presetOf(filter, today) === null
  const fields = <Fields {...{ filter, today, onChange }} />
  return (
    <form class="sales-filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="sales-filters-first">
        <Presets {...{ filter, today, onChange }} />
        <Search q={q} onChange={(next) => onChange({ ...filter, q: next })} />
      </div>
      {isWide ? (
        fields
      ) : (
        <Disclosure title={t('filters')} isOpen={isUsed}>
          {fields}
        </Disclosure>
      )}
    </form>
  )
}

function Fields({ filter, onChange }: Props) {
  const t = useTexts(TEXTS)
  const word = useTexts(SALE_TEXTS)
  const { locations } = useIntegration()
  const change = (part: Partial<SalesFilter>) => onChange({ ...filter, ...part })
  const statuses = STATUSES.map((value) => ({ value, label: word(`statuses.${value}`) }))
  const kinds = KINDS.map((value) => ({ value, label: word(`kinds.${value}`) }))
  const branches = locations.map(({ externalId, name }) => ({ value: externalId, label: name }))
  const any = { value: '', label: t('any') }
  return (
    <div class="sales-filter-fields">
      <DateField label={t('from')} value={filter.from ?? ''} onInput={(day) => change({ from: day || null })} />
      <DateField label={t('to')} value={filter.to ?? ''} onInput={(day) => change({ to: day || null })} />
      <SelectField
        label={t('status')}
        value={filter.status ?? ''}
        options={[any, ...statuses]}
        onInput={(value) => change({ status: STATUSES.find((one) => one === value) ?? null })}
      />
      <SelectField
        label={t('kind')}
        value={filter.kind ?? ''}
        options={[any, ...kinds]}
        onInput={(value) => change({ kind: KINDS.find((one) => one === value) ?? null })}
      />
      {branches.length > 1 && (
        <SelectField
          label={t('location')}
          value={filter.locationId ?? ''}
          options={[any, ...branches]}
          onInput={(value) => change({ locationId: value || null })}
        />
      )}
    </div>
  )
}

function Presets({ filter, today, onChange }: Props) {
  const t = useTexts(TEXTS)
  const chosen = presetOf(filter, today)
  return (
    <div class="sales-presets" role="group" aria-label={t('period')}>
      {PRESETS.map((preset) => (
        <button
          key={preset}
          type="button"
          class="sales-preset"
          aria-pressed={preset === chosen}
          onClick={() => onChange({ ...filter, ...presetDays(preset, today) })}
        >
          {t(`presets.${preset}`)}
        </button>
      ))}
    </div>
  )
}

/** Less than the pause between the words of a person who types. */
const TYPED_MS = 400

interface SearchProps {
  readonly q: string | null
  readonly onChange: (q: string | null) => void
}

function Search({ q, onChange }: SearchProps) {
  const t = useTexts(TEXTS)
  const [text, setText] = useState(q ?? '')
  // Another filter may be chosen before the search is asked for.
  const latest = useRef(onChange)
  latest.current = onChange
  useEffect(() => {
    const asked = text.trim() || null
    if (asked === q) return undefined
    const timer = setTimeout(() => latest.current(asked), TYPED_MS)
    return () => clearTimeout(timer)
  }, [text])
  // The filters were cleared.
  useEffect(() => {
    if (q === null) setText('')
  }, [q])
  return <TextField type="search" label={t('search')} help={t('searchHint')} value={text} onInput={setText} />
}
