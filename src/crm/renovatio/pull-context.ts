import type { Session } from '#crm/contract.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import {
  type Contacts,
  createCardReader,
  createContacts,
  createVisitReader,
  type ReadCard,
  type VisitReader,
} from '#crm/renovatio/contacts.ts'
import type { Plan } from '#crm/renovatio/cursor.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createAccountContext, type AccountContext } from '#crm/renovatio/account-context.ts'

/** What one pull needs. What it remembers beside the cursor only saves calls. */
export interface PullContext extends AccountContext {
  readonly contacts: Contacts
  readonly readCard: ReadCard
  readonly visitReader: VisitReader
}

export function createPullContext(
  session: Session<Settings>,
  clinics: AccountContext['clinics'],
  change: Partial<Pick<AccountContext, 'storedSales'>> = {},
): PullContext {
  const context = { ...createAccountContext(session, clinics), ...change }
  return {
    ...context,
    contacts: createContacts(context),
    readCard: createCardReader(context),
    visitReader: createVisitReader(context),
  }
}

export type Step = RunnerStep<Plan>
