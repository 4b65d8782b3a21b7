// The screens of an open session: which one is shown, the way between them, and what may be said on all of them.
import type { ComponentChildren } from 'preact'
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks'
import { announced, dismiss, toasts } from '#web/app/announce.ts'
import { ConsentContext } from '#web/app/consent-arrival.ts'
import { isOnline } from '#web/app/connection.ts'
import { useApp } from '#web/app/context.ts'
import { Frame, NavigationPlace, Support } from '#web/app/frame.tsx'
import { useComponent } from '#web/app/lazy.tsx'
import { type Arrival, NOTHING_BROUGHT, onConsent } from '#web/app/open-session.ts'
import { hrefTo, navigate, useRoute } from '#web/app/router.ts'
import { type ScreenEntry, SCREENS } from '#web/app/screens.ts'
import { mayOpen, NOTHING_CONNECTED, screenAt, startPath, type Visitor } from '#web/app/start-path.ts'
import { TEXTS } from '#web/app/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { useStore } from '#web/lib/store.ts'
import { Button } from '#web/ui/button.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { ScreenSkeleton } from '#web/ui/skeleton.tsx'

interface Props {
  readonly arrival: Arrival
  /** Something was connected when the page was made. */
  readonly isConnected: boolean
  /** Whether it is known what is connected. */
  readonly isKnown: boolean
  /** Why it is not; null: nothing has failed. */
  readonly failure: unknown
  readonly again: () => Promise<void>
}

export function Shell({ arrival, isConnected, isKnown, failure, again }: Props) {
  const app = useApp()
  const t = useTexts(TEXTS)
  const { session, integration, operator, language, setLanguage } = app
  const [consent, setConsent] = useState(arrival)
  useEffect(() => onConsent(setConsent), [])
  const visitor = {
    permissions: session.permissions,
    isReconnect: session.integrationId !== null,
    hasIntegration: integration !== null,
  }
  const navigation =
    integration === null ? !isKnown && isConnected && <NavigationPlace /> : <Navigation visitor={visitor} />
  const leave = () => app.tell('closed')
  const end = session.returnUrl !== null && (
    // Also out of a frame of the product's.
    <a href={session.returnUrl} target="_top" onClick={leave}>
      {t('back')}
    </a>
  )
  return (
    <ConsentContext.Provider value={{ consent, clear: () => setConsent(NOTHING_BROUGHT) }}>
      <Frame {...{ businessName: session.business.name, operator, language, setLanguage, navigation, end }}>
        <Offline />
        {isKnown ? (
          <Screens visitor={visitor} isConsent={Object.values(consent).some((brought) => brought !== null)} />
        ) : failure === null ? (
          <ScreenSkeleton />
        ) : (
          <Screen title={t('notOpened')}>
            <Problem error={failure} actions={<Button onClick={again}>{t('again')}</Button>} />
          </Screen>
        )}
      </Frame>
      <Toasts />
      <Announced />
    </ConsentContext.Provider>
  )
}

function Screens({ visitor, isConsent }: { readonly visitor: Visitor; readonly isConsent: boolean }) {
  const t = useTexts(TEXTS)
  const { path } = useRoute()
  const start = startPath(visitor)
  const found = screenAt(SCREENS, path)
  const isOpen = found !== null && mayOpen(found, visitor)
  const target = isConsent && path !== CONSENT ? CONSENT : isOpen || path === start ? null : start
  useEffect(() => {
    if (target !== null) navigate(target, {}, { replace: true })
  }, [target])
  if (start === NOTHING_CONNECTED) return <EmptyState title={t('nothing')} text={t('nothingText')} isScreen />
  if (target !== null || !found) return <ScreenSkeleton />
  return (
    <Guarded key={found.path}>
      <Loaded entry={found} />
    </Guarded>
  )
}

/** A screen that fails leaves the others, and says what to do. */
function Guarded({ children }: { readonly children: ComponentChildren }) {
  const t = useTexts(TEXTS)
  const { operator, language } = useApp()
  const [thrown] = useErrorBoundary((error: unknown) => globalThis.reportError(error)) as [unknown, () => void]
  if (thrown === undefined) return <>{children}</>
  const reload = <Button onClick={() => location.reload()}>{t('reload')}</Button>
  return (
    <Notice tone="error" title={t('broken')} actions={reload}>
      <p>{t('brokenText')}</p>
      {operator.support !== null && <Support {...{ operator, language }} />}
    </Notice>
  )
}

/** Where what a vendor's consent page has given is taken up. */
const CONSENT = '/consent'

function Loaded({ entry }: { readonly entry: ScreenEntry }) {
  const Component = useComponent(entry.load)
  return Component ? <Component /> : <ScreenSkeleton />
}

function Navigation({ visitor }: { readonly visitor: Visitor }) {
  const t = useTexts(TEXTS)
  const { language, integration } = useApp()
  const { path } = useRoute()
  const isFiles = integration?.crmType === 'csv'
  const current = screenAt(SCREENS, path)
  const shown = SCREENS.filter(
    ({ navigation }) => navigation === 'always' || navigation === (isFiles ? 'csv' : 'crm'),
  ).filter((screen) => mayOpen(screen, visitor))
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a phone it may stand beyond the edge.
    const link = list.current?.querySelector<HTMLElement>('[aria-current]')
    if (list.current && link)
      list.current.scrollLeft = link.offsetLeft - (list.current.clientWidth - link.offsetWidth) / 2
  }, [current, language])
  if (shown.length < 2) return null
  return (
    <nav class="navigation" aria-label={t('navigation')} ref={list}>
      {shown.map(({ path, title }) => (
        <a key={path} href={hrefTo(path)} aria-current={current?.path === path ? 'page' : undefined}>
          {title[language]}
        </a>
      ))}
    </nav>
  )
}

function Offline() {
  const t = useTexts(TEXTS)
  const isReached = useStore(isOnline)
  return (
    <div role="status" class="offline-place">
      {!isReached && <p class="offline">{t('offline')}</p>}
    </div>
  )
}

const MARKS = { info: 'i', success: '✓', error: '!' } as const

function Toasts() {
  const t = useTexts(TEXTS)
  return (
    <div class="toasts" role="status">
      {useStore(toasts).map(({ id, tone, text }) => (
        <p key={id} class={`toast is-${tone}`}>
          <span class="mark" aria-hidden="true">
            {MARKS[tone]}
          </span>
          <span>{text}</span>
          <button type="button" class="close" aria-label={t('close')} onClick={() => dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  )
}

function Announced() {
  return (
    <p class="read-out" aria-live="polite">
      {useStore(announced)}
    </p>
  )
}
