// What the owner does in the CRM, step by step, beside the form that asks for it.
import { useApp } from '#web/app/context.ts'
import type { CrmType } from '#web/crm/schema-fields.ts'

export function Guide({ type: { guide }, title }: { readonly type: CrmType; readonly title: string }) {
  const { language } = useApp()
  return (
    <aside class="guide" aria-label={title}>
      <h2>{title}</h2>
      <ol>
        {guide[language].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </aside>
  )
}
