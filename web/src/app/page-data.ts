// What the Worker wrote into the page: everything that is known before the session is opened.
import type { Language } from '#lib/localized.ts'

export interface Operator {
  readonly name: string | null
  readonly logoUrl: string | null
  /** How to reach a person: an address, a number or words. */
  readonly support: string | null
}

export interface PageData {
  readonly businessName: string
  /** Then the screens have a navigation, whose place is kept from the first moment. */
  readonly isConnected: boolean
  /** Of the session; null: as the browser has it. */
  readonly language: Language | null
  readonly operator: Operator
  /** The page that frames this one, and is told the outcome. */
  readonly origin: string | null
  readonly returnUrl: string | null
}

export function readPageData(): PageData {
  const text = document.querySelector('#page-data')?.textContent ?? ''
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by src/api/connect-page.ts
  return JSON.parse(text) as PageData
}
