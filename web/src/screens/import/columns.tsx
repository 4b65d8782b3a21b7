// What each column was taken for, with its first cells; and the way to say otherwise.
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Row } from '#web/ui/layout.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Table } from '#web/ui/table.tsx'
import { FIELDS, isField } from './doubts.ts'
import type { StepProps } from './file-import.tsx'
import { FIELD_TEXTS, TEXTS } from './texts.ts'

const EXAMPLES_MAX = 3

export function Columns({ flow, state: { preview, fields } }: StepProps) {
  const t = useTexts(TEXTS)
  const named = useTexts(FIELD_TEXTS)
  if (!preview) return null
  const isChanged = preview.columns.some(({ header, field }) => fields.has(header) && fields.get(header) !== field)
  return (
    <Section title={t('columns')}>
      <div class="import-columns">
        <Table
          caption={t('columns')}
          rows={preview.columns}
          rowKey={({ header }) => header}
          columns={[
            { key: 'header', title: t('column'), render: ({ header }) => header },
            {
              ...({ key: 'field', title: t('meaning') } as const),
              render: ({ header, field }) => (
                <select
                  class="input"
                  aria-label={t('meaningOf', { header })}
                  value={fields.get(header) ?? (fields.has(header) ? '' : (field ?? ''))}
                  onChange={({ currentTarget: { value } }) => flow.mean(header, isField(value) ? value : null)}
                >
                  <option value="">{t('notUsed')}</option>
                  {FIELDS.map((name) => (
                    <option key={name} value={name}>
                      {named(name)}
                    </option>
                  ))}
                </select>
              ),
            },
            {
              ...({ key: 'examples', title: t('examples') } as const),
              render: ({ examples }) => examples.slice(0, EXAMPLES_MAX).join(', '),
            },
          ]}
        />
      </div>
      {isChanged && (
        <Row>
          <Button kind="primary" onClick={flow.apply}>
            {t('applyColumns')}
          </Button>
        </Row>
      )}
    </Section>
  )
}
