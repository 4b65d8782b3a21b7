// The test of a connection as rows that come one by one, a few sales to recognise, and switching on.
import { useEffect, useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { announce, toast } from '#web/app/announce.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { hrefTo, navigate } from '#web/app/router.ts'
import { type Load, useLoad } from '#web/app/use-load.ts'
import { useAction } from '#web/app/use-action.ts'
import { takeReport } from '#web/crm/last-report.ts'
import { type ConnectionReport, PendingRow, TestReport } from '#web/crm/report.tsx'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Samples } from '#web/screens/test/samples.tsx'
import { TEXTS } from '#web/screens/test/texts.ts'
import { Button, ButtonLink } from '#web/ui/button.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { ScreenSkeleton } from '#web/ui/skeleton.tsx'

/** Of branches, of a second page, and of an account that is known: only where there are such. */
const SELDOM = /\*$|_page_\d+$|^same_account$/

export function TestScreen() {
  const t = useTexts(TEXTS)
  const { client, session } = useApp()
  const { id, crmType } = useIntegration()
  const types = useCrmTypes()
  const type = types.data?.find((one) => one.crmType === crmType)
  const crm = type?.title ?? ''
  const test = useLoad<ConnectionReport>(
    async (signal) =>
      takeReport(id) ?? unwrap(client.POST('/v1/integrations/{id}/test', { params: { path: { id } }, signal })),
    // In the words of another language it is made again.
    [id, client],
    { isOnce: true },
  )
  // Its heading names the CRM.
  if (types.data === null && types.error === null) return <ScreenSkeleton />
  const expected = type?.capabilityTitles.filter(({ name }) => !SELDOM.test(name)) ?? []
  return (
    <Screen title={t('title')} lead={t('lead', { crm, name: session.business.name })} isNarrow>
      {test.isLoading && (
        <>
          <Pending titles={expected.map(({ title }) => title)} />
          <p role="status" class="muted">
            {t('testing', { crm })}
          </p>
        </>
      )}
      {!test.isLoading && test.error !== null && (
        <Problem error={test.error} title={t('failedToTest')} actions={<Again test={test} />} />
      )}
      {!test.isLoading && test.error === null && test.data && (
        <Outcome key={test.data.checkedAt} report={test.data} test={test} />
      )}
    </Screen>
  )
}

function Pending({ titles }: { readonly titles: readonly Readonly<Record<'en' | 'ru', string>>[] }) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  return (
    <ul class="report" aria-label={t('rows')}>
      {titles.map((title) => (
        <PendingRow key={title.en} title={title[language]} />
      ))}
    </ul>
  )
}

function Again({ test }: { readonly test: Load<ConnectionReport> }) {
  const t = useTexts(TEXTS)
  const { crmType } = useIntegration()
  return (
    <>
      <Button onClick={test.reload}>{t('again')}</Button>
      <ButtonLink href={hrefTo(`/connect/${crmType}`)} kind="quiet">
        {t('change')}
      </ButtonLink>
    </>
  )
}

function Outcome({ report, test }: { readonly report: ConnectionReport; readonly test: Load<ConnectionReport> }) {
  const t = useTexts(TEXTS)
  const [isShown, setShown] = useState(false)
  const isWhole = report.capabilities.every(({ ok }) => ok)
  const account = report.account?.name
  const works = account === undefined ? t('passed') : t('passedFor', { account })
  const title = report.ok ? works : t('failed')
  useEffect(() => {
    if (isShown) announce(t('all', { outcome: title }))
  }, [isShown])
  return (
    <>
      <TestReport report={report} isGradual onShown={() => setShown(true)} />
      {isShown &&
        (report.ok ? (
          <>
            <Notice tone="success" title={title}>
              {!isWhole && <p>{t('passedPartly')}</p>}
            </Notice>
            <Samples sales={report.sample} />
            <SwitchOn test={test} />
          </>
        ) : (
          <Notice tone="error" title={title} actions={<Again test={test} />}>
            <p>{t('failedText')}</p>
          </Notice>
        ))}
    </>
  )
}

function SwitchOn({ test }: { readonly test: Load<ConnectionReport> }) {
  const t = useTexts(TEXTS)
  const { client, setIntegration, tell } = useApp()
  const { id, syncEnabled } = useIntegration()
  const enable = useAction(async (signal) => {
    const params = { path: { id } }
    setIntegration(await unwrap(client.PATCH('/v1/integrations/{id}', { params, body: { syncEnabled: true }, signal })))
    tell('connected')
    toast({ tone: 'success', text: t('enabled') })
    navigate('/')
  })
  if (syncEnabled) {
    return <Notice tone="success" title={t('on')} actions={<ButtonLink href={hrefTo('/')}>{t('toHome')}</ButtonLink>} />
  }
  return (
    <div class="stack">
      {enable.error !== null && <Problem error={enable.error} />}
      <p class="muted">{t('enableText')}</p>
      <div class="row">
        <Button kind="primary" isBusy={enable.isBusy} onClick={enable.run}>
          {t('enable')}
        </Button>
        <Again test={test} />
      </div>
    </div>
  )
}
