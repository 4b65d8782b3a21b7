// A person is back from the CRM's page of consent, or comes from its marketplace: what was brought is taken up, once.
import { useEffect } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { useConsentArrival } from '#web/app/consent-arrival.ts'
import { useApp } from '#web/app/context.ts'
import { navigate } from '#web/app/router.ts'
import { useAction } from '#web/app/use-action.ts'
import { askedConsent, confirmConsent } from '#web/crm/consent.ts'
import { keepReport } from '#web/crm/last-report.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/consent/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

export function ConsentScreen() {
  const t = useTexts(TEXTS)
  const { client, setIntegration, tell } = useApp()
  const { consent, clear } = useConsentArrival()
  const crmType = askedConsent()
  const finish = useAction(async (signal) => {
    if (consent.install !== null) {
      const body = { ticket: consent.install }
      const installed = await unwrap(client.POST('/v1/marketplace/installs/claim', { body, signal }))
      setIntegration(installed)
      clear()
      if (installed.syncEnabled) tell('connected')
      navigate(installed.syncEnabled ? '/' : '/test', {}, { replace: true })
    }
    if (consent.ticket === null || crmType === null) return
    const { report, ...integration } = await confirmConsent(client, { crmType, ticket: consent.ticket, signal })
    keepReport({ integrationId: integration.id, report })
    setIntegration(integration)
    clear()
    // What the CRM's refusal had stopped is on again.
    if (integration.syncEnabled) tell('connected')
    navigate('/test', {}, { replace: true })
  })
  useEffect(() => finish.run(), [])
  const back = () => {
    clear()
    navigate(crmType === null ? '/choose' : `/connect/${crmType}`, {}, { replace: true })
  }
  // After a reload nothing is left of what was brought.
  const isLost = consent.install === null && (consent.ticket === null || crmType === null)
  const refused = consent.error === 'denied' ? 'denied' : 'notGiven'
  const why = consent.error !== null ? refused : isLost ? 'lost' : null
  const again = <Button onClick={back}>{t('again')}</Button>
  return (
    <Screen title={t('title')} isNarrow>
      {why !== null && (
        <Notice tone="error" title={t('failed')} actions={again}>
          <p>{t(why)}</p>
        </Notice>
      )}
      {finish.error !== null && <Problem error={finish.error} title={t('failed')} actions={again} />}
      {finish.isBusy && (
        <>
          <p role="status" class="muted">
            {t('working')}
          </p>
          <Skeleton height="14rem" />
        </>
      )}
    </Screen>
  )
}
