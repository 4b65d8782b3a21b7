import { useIntegration } from '#web/app/context.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { Section } from '#web/ui/screen.tsx'
import { Table } from '#web/ui/table.tsx'

export function Branches() {
  const t = useTexts(TEXTS)
  const { locations } = useIntegration()
  return (
    <Section title={t('branches')}>
      {locations.length === 0 ? (
        <p class="settings-hint">{t('branchesNone')}</p>
      ) : (
        <Table
          caption={t('branches')}
          rows={locations}
          rowKey={({ externalId }) => externalId}
          columns={[
            { key: 'name', title: t('branchColumns.name'), render: ({ name }) => name },
            { key: 'id', title: t('branchColumns.id'), render: ({ externalId }) => externalId },
            { key: 'zone', title: t('branchColumns.timezone'), render: ({ timezone }) => timezone ?? t('zoneUnknown') },
          ]}
        />
      )}
    </Section>
  )
}
