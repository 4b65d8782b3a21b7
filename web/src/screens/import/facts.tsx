import { useFormat } from '#web/i18n/format.ts'

/** Numbers with their names; those that are 0 are left out but for the first. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, number])[] }) {
  const f = useFormat()
  return (
    <dl class="import-facts">
      {facts
        .filter(([, n], at) => at === 0 || n > 0)
        .map(([name, n]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{f.number(n)}</dd>
          </div>
        ))}
    </dl>
  )
}
