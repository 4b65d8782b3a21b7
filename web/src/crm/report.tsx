// What a connection test found: a row for each thing that the sync needs, in the words of the service.
import { useEffect, useState } from 'preact/hooks'
import type { components } from '#client/schema.ts'
import { TEXTS } from '#web/crm/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Spinner } from '#web/ui/spinner.tsx'

export type ConnectionReport = components['schemas']['ConnectionReport']
type Capability = ConnectionReport['capabilities'][number]

const ROW_MS = 220

interface Props {
  readonly report: ConnectionReport
  /** One row after another, as somebody reads them; else all at once. */
  readonly isGradual?: boolean
  readonly onShown?: () => void
}

export function TestReport({ report, isGradual = false, onShown }: Props) {
  const t = useTexts(TEXTS)
  const { capabilities } = report
  const isStill = !isGradual || matchMedia('(prefers-reduced-motion: reduce)').matches
  const [shown, setShown] = useState(isStill ? capabilities.length : 0)
  const isAll = shown >= capabilities.length
  useEffect(() => {
    if (isAll) {
      onShown?.()
      return undefined
    }
    const timer = setTimeout(() => setShown(shown + 1), ROW_MS)
    return () => clearTimeout(timer)
  }, [shown, isAll])
  return (
    <ul class="report" aria-label={t('rows')}>
      {capabilities.map((capability, index) => (
        <Row
          key={capability.name}
          capability={capability}
          isShown={index < shown}
          // One cause can make several fail: what to do is said once.
          isSaid={
            capabilities.findIndex(({ ok, detail }) => !ok && detail === capability.detail) < index && !capability.ok
          }
        />
      ))}
    </ul>
  )
}

interface RowProps {
  readonly capability: Capability
  readonly isShown: boolean
  /** By a row above. */
  readonly isSaid: boolean
}

function Row({ capability, isShown, isSaid }: RowProps) {
  const t = useTexts(TEXTS)
  const { title, ok, required, detail } = capability
  if (!isShown) return <PendingRow title={title} detail={isSaid ? null : detail} />
  const state = ok ? 'works' : required ? 'fails' : 'limited'
  return (
    <li class={`report-row is-${state}`}>
      <span class="mark" aria-hidden="true">
        {ok ? '✓' : '!'}
      </span>
      <div>
        <p class="report-title">
          {title} <span class="report-state">{t(state)}</span>
        </p>
        {!isSaid && <p class="report-detail">{detail}</p>}
      </div>
    </li>
  )
}

interface PendingProps {
  readonly title: string
  /** Has its place already, and is not shown yet. */
  readonly detail?: string | null
}

export function PendingRow({ title, detail = null }: PendingProps) {
  const t = useTexts(TEXTS)
  return (
    <li class="report-row is-pending">
      <Spinner />
      <div>
        <p class="report-title">
          {title} <span class="report-state">{t('waiting')}</span>
        </p>
        {detail !== null && <p class="report-detail">{detail}</p>}
      </div>
    </li>
  )
}
