// The way by the owner's consent at the CRM. In a frame the CRM's page opens in a window of its own, since it lets
// nobody frame it.
import { useState } from 'preact/hooks'
import { useApp } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { rememberConsent, startConsent } from '#web/crm/consent.ts'
import type { CrmType, SettingField } from '#web/crm/schema-fields.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/connect/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { SelectField } from '#web/ui/field.tsx'
import { Card } from '#web/ui/layout.tsx'
import { Problem } from '#web/ui/problem.tsx'

interface Props {
  readonly type: CrmType
  /** The setting that says which of the vendor's brands it is. */
  readonly brands: SettingField | null
}

export function Consent({ type, brands }: Props) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const [brand, setBrand] = useState(String(brands?.usual ?? ''))
  const [isElsewhere, setElsewhere] = useState(false)
  const start = useAction(async (signal) => {
    // Opened by the click: later the browser would take it for an unwanted window.
    const popup = window.parent === window ? null : window.open('', '_blank')
    try {
      const url = await startConsent(client, { crmType: type.crmType, brand, signal })
      rememberConsent(type.crmType)
      if (popup) popup.location.href = url
      else location.assign(url)
      setElsewhere(popup !== null)
    } catch (error) {
      popup?.close()
      throw error
    }
  })
  return (
    <Card>
      <div class="stack">
        <div class="way">
          <h2>{t('consentTitle')}</h2>
          <p class="muted">{t('consentText', { crm: type.title })}</p>
        </div>
        {brands !== null && (
          <SelectField label={brands.label} value={brand} options={brands.options} onInput={setBrand} />
        )}
        {start.error !== null && <Problem error={start.error} />}
        <div class="row">
          <Button kind="primary" isBusy={start.isBusy} onClick={start.run}>
            {t('consent', { crm: type.title })}
          </Button>
        </div>
        <p role="status" class="muted">
          {isElsewhere && t('consentWindow')}
        </p>
      </div>
    </Card>
  )
}
