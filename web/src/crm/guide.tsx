// What the owner does in the CRM, step by step, beside the form that asks for it.
import { useApp } from '#web/app/context.ts'
import type { CrmType } from '#web/crm/schema-fields.ts'
import { useMedia } from '#web/lib/use-media.ts'
import { Disclosure } from '#web/ui/layout.tsx'

/** As long as there is room beside the form; CSS has the same width. */
const BESIDE = '(min-width: 52rem)'

export function Guide({ type: { guide }, title }: { readonly type: CrmType; readonly title: string }) {
  const { language } = useApp()
  const steps = (
    <ol>
      {guide[language].map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  )
  if (!useMedia(BESIDE)) {
    return (
      <div class="guide is-folded">
        <Disclosure title={title}>{steps}</Disclosure>
      </div>
    )
  }
  return (
    <aside class="guide" aria-label={title}>
      <h2>{title}</h2>
      {steps}
    </aside>
  )
}
