// What every screen has at hand.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Client } from '#client/create-client.ts'
import type { OpenedConnectSession } from '#client/open-link.ts'
import type { components } from '#client/schema.ts'
import type { Outcome } from '#web/app/outcome.ts'
import type { Operator } from '#web/app/page-data.ts'
import type { Language } from '#lib/localized.ts'

export type Integration = components['schemas']['Integration']
export type Permission = OpenedConnectSession['permissions'][number]

export interface App {
  readonly client: Client
  readonly session: OpenedConnectSession
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly operator: Operator
  /** As it was read last; null: nothing is connected. */
  readonly integration: Integration | null
  readonly setIntegration: (integration: Integration | null) => void
  readonly reloadIntegration: () => Promise<void>
  readonly can: (permission: Permission) => boolean
  /** Whether it may start runs: a link for new credentials may not. */
  readonly mayStartRuns: boolean
  /** Says to the page of the product what became of it. */
  readonly tell: (outcome: Outcome) => void
}

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('outside of the page')
  return app
}

/** On screens that are shown only with one. */
export function useIntegration(): Integration {
  const { integration } = useApp()
  if (!integration) throw new Error('nothing is connected')
  return integration
}
