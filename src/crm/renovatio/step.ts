import type { Session } from '#crm/contract.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { type AskCard, type Contacts, createAskCard, createContacts } from '#crm/renovatio/contacts.ts'
import type { Plan } from '#crm/renovatio/cursor.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createWork, type Work } from '#crm/renovatio/work.ts'

/** A pull under way. What it remembers beside the cursor only spares calls. */
export interface Pull extends Work {
  readonly visitors: Contacts
  readonly askCard: AskCard
}

export function createPull(session: Session<Settings>, clinics: Work['clinics']): Pull {
  const work = createWork(session, clinics)
  return { ...work, visitors: createContacts(), askCard: createAskCard(work.client) }
}

export type Step = RunnerStep<Plan>
