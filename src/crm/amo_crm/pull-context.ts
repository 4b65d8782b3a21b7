import type { Session } from '#crm/contract.ts'
import type { AmoClient } from '#crm/amo_crm/client.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'
import type { SideLists } from '#crm/amo_crm/side-lists.ts'

/** What reading needs, for one step. */
export interface PullContext {
  readonly session: Session<Settings>
  readonly client: AmoClient
  readonly account: AccountContext
  readonly sides: SideLists
}
