import type { ComponentChildren } from 'preact'
import type { components } from '#client/schema.ts'
import { hrefTo } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { SALE_TEXTS } from '#web/sales/texts.ts'
import { TEXTS } from '#web/screens/explain/texts.ts'
import { ButtonLink } from '#web/ui/button.tsx'
import { Card } from '#web/ui/layout.tsx'
import { Badge } from '#web/ui/notice.tsx'

type Explanation = components['schemas']['Explanation']
type Sale = Pick<components['schemas']['Transaction'], 'status' | 'amountMinor' | 'currency' | 'occurredAt'>

const TONES = {
  paid: 'success',
  unpaid: 'warning',
  cancelled: 'neutral',
  skipped: 'neutral',
  unreadable: 'error',
  unknown: 'warning',
} as const

/** The answer first, then what it rests on. */
export function Answer({ explanation }: { readonly explanation: Explanation }) {
  const t = useTexts(TEXTS)
  const { externalId, outcome, text, rule, stored, quarantined } = explanation
  return (
    <Card>
      <div class="explain" role="status">
        <p>
          <Badge tone={TONES[outcome]}>{t(`outcomes.${outcome}`)}</Badge>
        </p>
        <p class="explain-text">{text}</p>
        <dl class="explain-facts">
          {rule && <Fact title={t('rule')}>{rule.text}</Fact>}
          <InCrm crm={explanation.crm} />
          <Fact title={t('stored')}>{stored ? <SaleInWords sale={stored} /> : t('nothing')}</Fact>
          <CameBy cameBy={explanation.cameBy} />
        </dl>
        {stored && <ButtonLink href={hrefTo('/sales', { sale: externalId })}>{t('open')}</ButtonLink>}
        {quarantined && <ButtonLink href={hrefTo('/unreadable')}>{t('unreadable')}</ButtonLink>}
      </div>
    </Card>
  )
}

function Fact({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function SaleInWords({ sale: { status, amountMinor, currency, occurredAt } }: { readonly sale: Sale }) {
  const word = useTexts(SALE_TEXTS)
  const f = useFormat()
  return <>{[f.money(amountMinor, currency), word(`statuses.${status}`), f.time(occurredAt)].join(', ')}</>
}

function InCrm({ crm: { state, readAt, transaction, detail } }: Pick<Explanation, 'crm'>) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <Fact title={t('crm')}>
      {transaction ? <SaleInWords sale={transaction} /> : t(`states.${state}`)}
      {detail !== null && ` ${detail}`}
      {state !== 'not_asked' && <span class="muted"> ({t('readAt', { at: f.clock(readAt) })})</span>}
    </Fact>
  )
}

function CameBy({ cameBy }: Pick<Explanation, 'cameBy'>) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  if (!cameBy) return null
  return (
    <Fact title={t('cameBy')}>
      {t(`cameBy.${cameBy.kind}`, { at: f.time(cameBy.at) })}
      {cameBy.line !== null && ` ${t('line', { line: String(cameBy.line) })}`}
    </Fact>
  )
}
