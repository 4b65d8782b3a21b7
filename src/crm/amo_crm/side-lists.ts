// Lists without which the rest can be read. One that the vendor itself refuses is left out and told with the page.
import type { LeftOut } from '#crm/contract.ts'
import type { CrmError } from '#lib/crm-error.ts'
import type { Phase } from '#crm/amo_crm/cursor.ts'
import { isRefusedList } from '#crm/amo_crm/refusal.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

/** As the capabilities of the connection test are called. */
export type SideList = 'deleted_leads' | 'events' | 'contacts' | 'purchases' | 'invoices'

export interface SideLists {
  /** `nothing` for a list that is refused, if `isLeftOut` agrees. Throws what else `read` throws. */
  read<T>(list: SideList, nothing: T, read: () => Promise<T>, isLeftOut?: (error: CrmError) => boolean): Promise<T>
  isLeftOut(list: SideList): boolean
  leftOut(): readonly LeftOut[]
  answered(): readonly SideList[]
}

export function createSideLists(): SideLists {
  const refused = new Map<SideList, CrmError>()
  const answered = new Set<SideList>()
  return {
    read: async (list, nothing, read, isLeftOut = () => true) => {
      try {
        const value = await read()
        answered.add(list)
        return value
      } catch (error) {
        if (!isRefusedList(error) || !isLeftOut(error)) throw error
        refused.set(list, error)
        return nothing
      }
    },
    isLeftOut: (list) => refused.has(list),
    leftOut: () => [...refused].map(([list, error]) => ({ list, error })),
    answered: () => [...answered].filter((list) => !refused.has(list)),
  }
}

/** The source that a sync is nothing without; the others may be left out. */
export function mainSource({ sources }: Settings): Settings['sources'][number] {
  return sources.find((source) => source === 'leads') ?? sources[0] ?? 'leads'
}

const LISTS: Readonly<Record<Exclude<Phase['feed'], 'stored'>, SideList | null>> = {
  leads: null,
  closed: null,
  binned: 'deleted_leads',
  events: 'events',
  customers: 'purchases',
  purchases: 'purchases',
  invoices: 'invoices',
}
const STORED = { 'lead:': null, 'purchase:': 'purchases', 'invoice:': 'invoices' } as const

/** The list that a phase reads; null: deals. */
export function listOf(phase: Phase): SideList | null {
  return phase.feed === 'stored' ? STORED[phase.prefix] : LISTS[phase.feed]
}
