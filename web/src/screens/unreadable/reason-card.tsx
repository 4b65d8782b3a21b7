import { useApp } from '#web/app/context.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import type { ReasonGroup, UnreadableRecord } from '#web/screens/unreadable/groups.ts'
import { TEXTS } from '#web/screens/unreadable/texts.ts'
import { Badge } from '#web/ui/notice.tsx'
import { Card, Disclosure } from '#web/ui/layout.tsx'

export function ReasonCard({ group }: { readonly group: ReasonGroup }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { can } = useApp()
  const { reason, count, firstSeenAt, lastSeenAt, examples } = group
  return (
    <Card>
      <div class="unreadable-group">
        <h2 class="unreadable-reason">{reason}</h2>
        <p class="unreadable-hint unreadable-seen">
          <Badge tone="warning">{t('total', { n: count })}</Badge>
          <span>{t('seen', { first: f.time(firstSeenAt), last: f.time(lastSeenAt) })}</span>
        </p>
        <h3>{t('examples')}</h3>
        <ul class="unreadable-examples">
          {examples.map((record) => (
            <li key={record.id}>
              <Example record={record} />
            </li>
          ))}
        </ul>
        {!can('view') && <p class="unreadable-hint">{t('hidden')}</p>}
      </div>
    </Card>
  )
}

function Example({ record: { externalId, raw } }: { readonly record: UnreadableRecord }) {
  const t = useTexts(TEXTS)
  const title = externalId === null ? t('withoutId') : t('numberInCrm', { id: externalId })
  if (raw === null || raw === undefined) return <p>{title}</p>
  return (
    <Disclosure title={title}>
      <pre class="unreadable-raw" tabIndex={0} aria-label={t('record')}>
        {typeof raw === 'string' ? raw : JSON.stringify(raw, null, 2)}
      </pre>
    </Disclosure>
  )
}
