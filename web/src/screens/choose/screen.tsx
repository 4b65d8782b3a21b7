// The first screen: which CRM it is, what connecting it needs, and how long that takes.
import { useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { announce } from '#web/app/announce.ts'
import { useApp } from '#web/app/context.ts'
import { hrefTo, navigate } from '#web/app/router.ts'
import { useAction } from '#web/app/use-action.ts'
import { mainCredentials } from '#web/crm/credential-inputs.tsx'
import { type CrmType, settingFields } from '#web/crm/schema-fields.ts'
import { TEXTS as CRM_TEXTS } from '#web/crm/texts.ts'
import { useCrmTypes } from '#web/crm/use-crm-types.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { findTypes } from '#web/screens/choose/find-types.ts'
import { TEXTS } from '#web/screens/choose/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { TextField } from '#web/ui/field.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

const SEARCH_FROM = 5

export function ChooseScreen() {
  const t = useTexts(TEXTS)
  const { session } = useApp()
  const types = useCrmTypes()
  return (
    <Screen title={t('title')} lead={t('lead', { name: session.business.name })}>
      <Loaded of={types} skeleton={<Skeleton height="24rem" />}>
        {(items) => (items.length === 0 ? <EmptyState title={t('unknown')} /> : <Choice types={items} />)}
      </Loaded>
    </Screen>
  )
}

function Choice({ types }: { readonly types: readonly CrmType[] }) {
  const t = useTexts(TEXTS)
  const [search, setSearch] = useState('')
  const found = findTypes(types, search)
  const look = (text: string) => {
    setSearch(text)
    announce(t('found', { n: findTypes(types, text).length }))
  }
  return (
    <div class="stack">
      {types.length >= SEARCH_FROM && (
        <div class="choose-search" role="search">
          <TextField label={t('search')} type="search" placeholder={t('searchHint')} value={search} onInput={look} />
        </div>
      )}
      {found.length === 0 ? (
        <EmptyState
          title={t('none')}
          text={t('noneText')}
          action={<Button onClick={() => look('')}>{t('all')}</Button>}
        />
      ) : (
        <ul class="choose-list" aria-label={t('list')}>
          {found.map((type) => (
            <li key={type.crmType}>{isFiles(type) ? <FileChoice type={type} /> : <LinkChoice type={type} />}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** There is nothing to enter. */
function isFiles({ ways }: CrmType): boolean {
  return ways.some(({ name }) => name === 'upload')
}

function LinkChoice({ type }: { readonly type: CrmType }) {
  return (
    <a class="choose-card" href={hrefTo(`/connect/${type.crmType}`)}>
      <About type={type} />
    </a>
  )
}

/** Files need no more than the integration itself. */
function FileChoice({ type: { crmType }, type }: { readonly type: CrmType }) {
  const { client, setIntegration, tell } = useApp()
  const begin = useAction(async (signal) => {
    setIntegration(await unwrap(client.POST('/v1/integrations', { body: { crmType }, signal })))
    tell('connected')
    navigate('/import')
  })
  return (
    <>
      <button type="button" class="choose-card" aria-busy={begin.isBusy} onClick={() => begin.run()}>
        <About type={type} />
      </button>
      {begin.error !== null && <Problem error={begin.error} />}
    </>
  )
}

/** Where nothing has to be entered. */
const EASY_MINUTES = 2

function hasEasyWay({ ways }: CrmType): boolean {
  return ways.some(({ name, isAvailable }) => isAvailable && (name === 'marketplace' || name === 'consent'))
}

function About({ type }: { readonly type: CrmType }) {
  const t = useTexts(CRM_TEXTS)
  const own = useTexts(TEXTS)
  const n = hasEasyWay(type) ? EASY_MINUTES : type.minutes
  return (
    <>
      <span class="choose-name">{isFiles(type) ? own('files') : type.title}</span>
      <span class="choose-needs">{useNeeds(type)}</span>
      <span class="choose-time">{t('minutes', { n })}</span>
    </>
  )
}

/** The easiest way that there is. */
function useNeeds(type: CrmType): string {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  const has = (way: string) => type.ways.some(({ name, isAvailable }) => name === way && isAvailable)
  if (has('marketplace')) return t('byMarketplace')
  if (has('consent')) return t('byConsent')
  if (isFiles(type)) return t('byFile')
  const settings = settingFields(type, language).filter(({ isRequired }) => isRequired)
  const names = [
    ...(type.apiUrl.required ? [type.apiUrl.label[language]] : []),
    ...mainCredentials(type).map(({ label }) => label[language]),
    ...settings.map(({ label }) => label),
  ]
  const list = new Intl.ListFormat(language, { type: 'conjunction' }).format(names.map(lowerFirst))
  return t('byKeys', { list })
}

/** API stays API. */
function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
