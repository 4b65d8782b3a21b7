import { useFormat } from '#web/i18n/format.ts'

export function Money({ amountMinor, currency }: { readonly amountMinor: number; readonly currency?: string }) {
  return <span class="money">{useFormat().money(amountMinor, currency)}</span>
}

/** Shown relative to now or as it is; the other form is in its title. */
export function Time({ at, isRelative = false }: { readonly at: string; readonly isRelative?: boolean }) {
  const format = useFormat()
  const [shown, title] = isRelative ? [format.ago(at), format.time(at)] : [format.time(at), format.ago(at)]
  return (
    <time dateTime={at} title={title}>
      {shown}
    </time>
  )
}
