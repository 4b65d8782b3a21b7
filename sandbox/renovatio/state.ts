// The installation as those who start it and its parts hold it: its books, and what of its behaviour can be set while
// it runs.
import type { Hono } from 'hono'
import type { Hooks } from '#sandbox/hooks.ts'
import type { Clinic, LedgerEntry } from '#sandbox/renovatio/clinic.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'

/** The answer of a proxy, a firewall or a web server. `times`: after so many the installation is reached again. */
export interface ForeignAnswer {
  readonly status: number
  readonly body: string
  readonly contentType?: string
  times?: number
}

export interface RenovatioSandbox extends Sandbox {
  readonly app: Hono
  readonly hooks: Hooks
  /** Where events are sent, as a person has entered it. */
  hookUrl: string | null
  readonly clinic: Clinic
  readonly zone: string
  /** Titles of the clinics by id. */
  readonly clinics: Record<number, string>
  /** `POST path` and the form, but for the key, of every request that was answered. */
  readonly requests: string[]
  readonly credentials: { apiKey: string }
  /** Methods that the key has no right to. */
  readonly denied: Set<string>
  /** Methods that are answered with a failure of this code, by method. */
  readonly refusals: Map<string, { readonly code: number | string; readonly desc: string }>
  /** What something before the installation answers instead of it, by method; `*` for all. */
  readonly foreign: Map<string, ForeignAnswer>
  /** Every list stands below a name, as `{"appointments":[…]}`; else only some do. */
  areListsWrapped: boolean
  /** Methods that this version does not have. */
  readonly absent: Set<string>
  /** How a wrong key is answered: not documented. */
  keyRefusal: { code: number | string; desc: string }
  /** A longer period is answered with a page and status 500. */
  windowDaysMax: number
  /** A last day is not part of its period, and neither is the first nor the last minute. */
  endsAreOpen: boolean
  /** Which time of an invoice its list is filtered by. */
  filteredBy: 'at' | 'paidAt'
  /** Lists answer that there is nothing, as a vendor does when its own systems fail. */
  emptyLists: boolean
  /** Reads by number or id answer that there is nothing, as right after a change. */
  emptyReads: boolean
  /** Every object that is shown has unknown fields. */
  unknownFields: boolean
  /** What invoices and visits are shown with instead of what they have, by `invoice:…` and `appointment:…`. */
  readonly broken: Map<string, Readonly<Record<string, unknown>>>
  /** Called before a list is answered: an edit between two reads. */
  onList: ((method: string) => void) | null
  readonly ledger: () => readonly LedgerEntry[]
}
