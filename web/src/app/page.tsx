// The page from the first moment: opening the session, and the screens once it is open. Whatever ends or interrupts a
// session is dealt with here, once for all screens.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Client, createClient } from '#client/create-client.ts'
import { unwrap } from '#client/problem.ts'
import { isOnline, watchedFetch } from '#web/app/connection.ts'
import { type App, AppContext, type Integration } from '#web/app/context.ts'
import { firstLanguage, keepLanguage } from '#web/app/language.ts'
import { answerOtherTabs, type Opening, openSession, type takeAddress } from '#web/app/open-session.ts'
import { createTeller } from '#web/app/outcome.ts'
import type { PageData } from '#web/app/page-data.ts'
import { prefetchCrmTypes } from '#web/crm/use-crm-types.ts'
import { Shell } from '#web/app/shell.tsx'
import { StaticPage } from '#web/app/static-page.tsx'
import type { Language } from '#lib/localized.ts'

interface Props {
  readonly address: ReturnType<typeof takeAddress>
  readonly page: PageData
}

type Stage = Opening | { readonly state: 'opening' }

export function Page({ address, page }: Props) {
  const [language, setLanguage] = useState<Language>(() => firstLanguage(page.language))
  const [stage, setStage] = useState<Stage>({ state: 'opening' })
  const choose = useCallback((chosen: Language) => {
    keepLanguage(chosen)
    setLanguage(chosen)
  }, [])
  const open = useCallback(async () => {
    const opening = await openSession(address, language)
    if (opening.state === 'open') answerOtherTabs(opening.session.id)
    setStage(opening)
  }, [])
  useEffect(() => void open(), [open])
  useEffect(() => {
    if (stage.state !== 'unreached') return undefined
    const timer = setInterval(() => void open(), RETRY_MS)
    const stop = isOnline.subscribe((isBack) => isBack && void open())
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [stage.state, open])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const known = useRef<Known>({ integrationId: null, isOn: false })
  const tell = useMemo(() => createTeller(page.origin, () => known.current.integrationId), [page.origin])
  const end = useCallback(() => setStage({ state: 'over' }), [])
  useEffect(() => {
    if (stage.state === 'over' && !known.current.isOn) tell('failed')
  }, [stage.state, tell])
  const about = { page, language, setLanguage: choose }
  if (stage.state !== 'open') return <StaticPage {...about} state={stage.state} />
  return <Session {...about} {...{ tell, known }} opening={stage} onOver={end} />
}

const RETRY_MS = 4000

/** What the product may be told of. */
interface Known {
  integrationId: string | null
  readonly isOn: boolean
}

/** Files that a person sends need no sync. */
function isOn({ syncEnabled, crmType, apiUrl }: Integration): boolean {
  return syncEnabled || (crmType === 'csv' && apiUrl === null)
}

interface SessionProps {
  readonly page: PageData
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly tell: App['tell']
  readonly known: { current: Known }
  readonly opening: Extract<Opening, { readonly state: 'open' }>
  readonly onOver: () => void
}

function Session({ page, language, setLanguage, tell, opening, onOver, known }: SessionProps) {
  const { session, arrival } = opening
  // Undefined until it has been asked for.
  const [integration, setFound] = useState<Integration | null | undefined>()
  const client = useMemo(
    () => createClient({ baseUrl: location.origin, token: session.token, language, fetch: watchedFetch(onOver) }),
    [session.token, language, onOver],
  )
  const setIntegration = useCallback((found: Integration | null) => {
    // At once, so that what is told next names it.
    known.current = { integrationId: found?.id ?? session.integrationId, isOn: found !== null && isOn(found) }
    setFound(found)
  }, [])
  const reloadIntegration = useCallback(async () => setIntegration(await readIntegration(client)), [client])
  const [failure, setFailure] = useState<unknown>(null)
  const load = useCallback(async () => reloadIntegration().catch(setFailure), [reloadIntegration])
  useEffect(() => {
    void load()
    prefetchCrmTypes(client)
    return isOnline.subscribe((isBack) => isBack && void load())
  }, [load, client])
  useEffect(() => {
    const left = Date.parse(session.expiresAt) - Date.now()
    // The service says whether it is over: this machine's clock may be wrong.
    const timer = setTimeout(() => void reloadIntegration().catch(() => undefined), Math.max(left, 0) + 1000)
    return () => clearTimeout(timer)
  }, [session.expiresAt, reloadIntegration])
  known.current.integrationId ??= session.integrationId
  const app: App = {
    ...{ client, session, language, setLanguage, operator: page.operator, tell, setIntegration, reloadIntegration },
    integration: integration ?? null,
    can: (permission) => session.permissions.includes(permission),
    mayStartRuns: session.permissions.includes('connect') && session.integrationId === null,
  }
  return (
    <AppContext.Provider value={app}>
      <Shell
        {...{ arrival, failure }}
        isConnected={page.isConnected}
        isKnown={integration !== undefined}
        again={load}
      />
    </AppContext.Provider>
  )
}

async function readIntegration(client: Client): Promise<Integration | null> {
  const { items } = await unwrap(client.GET('/v1/integrations', { params: { query: { limit: 1 } } }))
  return items[0] ?? null
}
