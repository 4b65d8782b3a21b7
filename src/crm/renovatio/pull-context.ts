import type { Session } from '#crm/contract.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { type ReadCard, type Contacts, createCardReader, createContacts } from '#crm/renovatio/contacts.ts'
import type { Plan } from '#crm/renovatio/cursor.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createAccountContext, type AccountContext } from '#crm/renovatio/account-context.ts'

/** What one pull needs. What it remembers beside the cursor only saves calls. */
export interface PullContext extends AccountContext {
  readonly contacts: Contacts
  readonly readCard: ReadCard
}

export function createPullContext(session: Session<Settings>, clinics: AccountContext['clinics']): PullContext {
  const context = createAccountContext(session, clinics)
  return { ...context, contacts: createContacts(context), readCard: createCardReader(context) }
}

export type Step = RunnerStep<Plan>
