// Every screen of the page. Each is a file of its own that is loaded when it is first shown.
import type { ComponentType } from 'preact'
import type { Permission } from '#web/app/context.ts'
import type { LocalizedText } from '#lib/localized.ts'

export interface ScreenEntry {
  readonly path: string
  readonly load: () => Promise<ComponentType>
  readonly title: LocalizedText
  /** Where the navigation shows it: `csv` only for files. */
  readonly navigation: 'always' | 'csv' | 'crm' | 'never'
  /** Who may see it. */
  readonly needs: Permission | null
  /** Whether there has to be an integration. */
  readonly needsIntegration: boolean
}

/** In the order of the navigation. */
export const SCREENS: readonly ScreenEntry[] = []
