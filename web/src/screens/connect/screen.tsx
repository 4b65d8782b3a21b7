// Connecting one CRM: the easiest way first, else a form with the guide beside it.
import { useApp } from '#web/app/context.ts'
import { hrefTo, navigate, useRoute } from '#web/app/router.ts'
import { Guide } from '#web/crm/guide.tsx'
import { type CrmType, settingFields } from '#web/crm/schema-fields.ts'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Consent } from '#web/screens/connect/consent.tsx'
import { Form } from '#web/screens/connect/form.tsx'
import { TEXTS } from '#web/screens/connect/texts.ts'
import { useConnectForm } from '#web/screens/connect/use-connect-form.ts'
import { ButtonLink } from '#web/ui/button.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Card, Disclosure } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { ScreenSkeleton, Skeleton } from '#web/ui/skeleton.tsx'

export function ConnectScreen() {
  const t = useTexts(TEXTS)
  const { integration } = useApp()
  const { params } = useRoute()
  const types = useCrmTypes()
  const type = types.data?.find(({ crmType }) => crmType === params[0])
  const others = (types.data?.length ?? 0) > 1 && integration === null
  // Its heading names the CRM.
  if (types.data === null && types.error === null) return <ScreenSkeleton />
  if (types.data !== null && !type) {
    return (
      <EmptyState
        isScreen
        title={t('unknown')}
        action={<ButtonLink href={hrefTo('/choose')}>{t('back')}</ButtonLink>}
      />
    )
  }
  return <Titled title={type?.title ?? ''} hasBack={others} types={types} type={type} />
}

interface TitledProps {
  readonly title: string
  readonly hasBack: boolean
  readonly types: ReturnType<typeof useCrmTypes>
  readonly type: CrmType | undefined
}

function Titled({ title, hasBack, types, type }: TitledProps) {
  const t = useTexts(TEXTS)
  const { session, integration } = useApp()
  const back = { href: hrefTo('/choose'), text: t('back') }
  const isOther = integration !== null && type !== undefined && integration.crmType !== type.crmType
  return (
    <Screen
      title={t('title', { crm: title })}
      lead={t('lead', { name: session.business.name })}
      {...(hasBack && { back })}
    >
      <Loaded of={types} skeleton={<Skeleton height="24rem" />}>
        {(all) =>
          isOther ? (
            <Notice tone="warning" actions={<ButtonLink href={hrefTo('/')}>{t('toHome')}</ButtonLink>}>
              <p>{t('exists', { crm: all.find(({ crmType }) => crmType === integration.crmType)?.title ?? '' })}</p>
            </Notice>
          ) : (
            type && <Ways key={type.crmType} type={type} />
          )
        }
      </Loaded>
    </Screen>
  )
}

function Ways({ type }: { readonly type: CrmType }) {
  const t = useTexts(TEXTS)
  const { integration, setIntegration, language } = useApp()
  const form = useConnectForm(type, integration, (saved) => {
    setIntegration(saved)
    navigate('/test')
  })
  const has = (way: string) => type.ways.some(({ name, isAvailable }) => name === way && isAvailable)
  const brands = settingFields(type, language).find(({ path }) => path === 'brand') ?? null
  const easy = (
    <>
      {has('marketplace') && <Marketplace type={type} />}
      {has('consent') && <Consent {...{ type, brands }} />}
    </>
  )
  const isEasy = has('marketplace') || has('consent')
  return (
    <div class="connect">
      <div class="stack">
        {easy}
        {isEasy ? (
          <Disclosure title={t('ownKeys')}>
            <Form {...{ type, form }} />
          </Disclosure>
        ) : (
          <Form {...{ type, form }} />
        )}
      </div>
      <Guide type={type} title={t('guide')} />
    </div>
  )
}

function Marketplace({ type: { title: crm } }: { readonly type: CrmType }) {
  const t = useTexts(TEXTS)
  const { operator } = useApp()
  return (
    <Card>
      <div class="way">
        <h2>{t('marketTitle')}</h2>
        <p class="muted">
          {operator.name === null ? t('marketText', { crm }) : t('marketTextOf', { crm, app: operator.name })}
        </p>
      </div>
    </Card>
  )
}
