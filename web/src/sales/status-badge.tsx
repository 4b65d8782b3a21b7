import type { components } from '#client/schema.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { SALE_TEXTS } from '#web/sales/texts.ts'
import { Badge } from '#web/ui/notice.tsx'

type Transaction = components['schemas']['Transaction']

const TONES = { paid: 'success', unpaid: 'warning', cancelled: 'neutral' } as const

/** What is as usual, a paid sale, needs no words. */
export function StatusBadge({ sale: { status, kind } }: { readonly sale: Pick<Transaction, 'status' | 'kind'> }) {
  const t = useTexts(SALE_TEXTS)
  return (
    <>
      {kind === 'refund' && <Badge tone="info">{t('kinds.refund')}</Badge>}
      {status !== 'paid' && <Badge tone={TONES[status]}>{t(`statuses.${status}`)}</Badge>}
    </>
  )
}
