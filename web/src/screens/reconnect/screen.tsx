// New credentials for an account that is stored, from a link that an owner was sent: nothing else can be changed here.
import { useState } from 'preact/hooks'
import { ProblemError, unwrap } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useAction } from '#web/app/use-action.ts'
import { CredentialInputs } from '#web/crm/credential-inputs.tsx'
import { sortErrors } from '#web/crm/form-errors.ts'
import { Guide } from '#web/crm/guide.tsx'
import { type ConnectionReport, TestReport } from '#web/crm/report.tsx'
import { type CrmType, settingFields } from '#web/crm/schema-fields.ts'
import { useFirstMistake } from '#web/crm/use-first-mistake.ts'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Consent } from '#web/screens/connect/consent.tsx'
import { TEXTS } from '#web/screens/reconnect/texts.ts'
import { Button, ButtonLink } from '#web/ui/button.tsx'
import { Disclosure } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { ScreenSkeleton, Skeleton } from '#web/ui/skeleton.tsx'

export function ReconnectScreen() {
  const t = useTexts(TEXTS)
  const { session } = useApp()
  const { crmType, connection, lastError } = useIntegration()
  const [isDone, setDone] = useState(false)
  const types = useCrmTypes()
  const type = types.data?.find((one) => one.crmType === crmType)
  const account = connection.account?.name
  // Its heading names the CRM.
  if (types.data === null && types.error === null) return <ScreenSkeleton />
  return (
    <Screen title={t('title', { crm: type?.title ?? '' })} lead={t('lead', { name: session.business.name })}>
      {isDone ? (
        <Done />
      ) : (
        <>
          {account !== undefined && (
            <Notice>
              <p>{t('account', { account })}</p>
            </Notice>
          )}
          {connection.status === 'failed' && lastError !== null && (
            <Notice tone="warning" title={t('why')}>
              <p>{lastError}</p>
            </Notice>
          )}
          <Loaded of={types} skeleton={<Skeleton height="20rem" />}>
            {() => type && <Ways type={type} done={() => setDone(true)} />}
          </Loaded>
        </>
      )}
    </Screen>
  )
}

interface WaysProps {
  readonly type: CrmType
  readonly done: () => void
}

function Ways({ type, done }: WaysProps) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  const hasConsent = type.ways.some(({ name, isAvailable }) => name === 'consent' && isAvailable)
  const brands = settingFields(type, language).find(({ path }) => path === 'brand') ?? null
  return (
    <div class="connect">
      <div class="stack">
        {hasConsent && <Consent {...{ type, brands }} />}
        {hasConsent ? (
          <Disclosure title={t('ownKeys')}>
            <Credentials {...{ type, done }} />
          </Disclosure>
        ) : (
          <Credentials {...{ type, done }} />
        )}
      </div>
      <Guide type={type} title={t('guide')} />
    </div>
  )
}

function Credentials({ type, done }: WaysProps) {
  const t = useTexts(TEXTS)
  const { client, setIntegration, tell } = useApp()
  const { id } = useIntegration()
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const save = useAction(async (signal) => {
    const credentials = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
    const params = { path: { id } }
    setIntegration(await unwrap(client.PATCH('/v1/integrations/{id}', { params, body: { credentials }, signal })))
    tell('connected')
    done()
  })
  const { fields, rest } = sortErrors(
    save.error,
    type.credentials.map(({ name }) => `credentials.${name}`),
  )
  const form = useFirstMistake(save.error)
  const send = (event: Event) => {
    event.preventDefault()
    save.run()
  }
  return (
    <form class="stack" ref={form} noValidate onSubmit={send}>
      <CredentialInputs
        fields={type.credentials}
        values={values}
        errors={fields}
        onValue={(name, value) => setValues((known) => ({ ...known, [name]: value }))}
      />
      {rest !== null && <Refusal error={rest} />}
      <div class="row">
        <Button
          kind="primary"
          type="submit"
          isBusy={save.isBusy}
          isDisabled={Object.values(values).every((value) => value === '')}
        >
          {t('save')}
        </Button>
      </div>
    </form>
  )
}

/** Another account, or one that does not work: with what the test found. */
function Refusal({ error }: { readonly error: unknown }) {
  const t = useTexts(TEXTS)
  const problem = error instanceof ProblemError ? error.problem : null
  const title =
    problem?.code === 'other_account'
      ? t('otherTitle')
      : problem?.code === 'connection_test_failed'
        ? t('failedTitle')
        : null
  const report = reportIn(problem)
  return (
    <>
      <Problem error={error} {...(title !== null && { title })} />
      {problem?.code === 'connection_test_failed' && report !== null && <TestReport report={report} />}
    </>
  )
}

function reportIn(problem: object | null): ConnectionReport | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented with `connection_test_failed`
  return problem !== null && 'report' in problem ? (problem.report as ConnectionReport) : null
}

function Done() {
  const t = useTexts(TEXTS)
  const { syncEnabled } = useIntegration()
  return (
    <Notice tone="success" title={t('done')} actions={<ButtonLink href={hrefTo('/')}>{t('toHome')}</ButtonLink>}>
      <p>{syncEnabled ? t('doneOn') : t('doneOff')}</p>
    </Notice>
  )
}
