// The Durable Object of one vendor's shared limit: a budget of lib/permits.ts, and the little of it that must outlive
// the object. It writes when it is first used, when the vendor asks for a pause or fails, and once in a while when a
// limit is in heavy use. Not for a restart, which comes before most syncs of an account that has the object for itself.
import { DurableObject } from 'cloudflare:workers'
import type { SharedBudget } from '#context.ts'
import {
  type Budget,
  type BudgetEvent,
  createBudget,
  restoreBudget,
  type SavedBudget,
  type SharedLimits,
} from '#lib/permits.ts'

const KEY = 'budget'

export class VendorBudget extends DurableObject<Env> implements SharedBudget {
  #budget: Budget | null = null

  async lease(...[limits, ask]: Parameters<SharedBudget['lease']>): ReturnType<SharedBudget['lease']> {
    return this.#use(limits, (budget, now) => budget.lease(now, ask))
  }

  async report(limits: SharedLimits, event: BudgetEvent): Promise<void> {
    this.#use(limits, (budget, now) => budget.report(now, event))
  }

  #use<T>(limits: SharedLimits, act: (budget: Budget, now: number) => T): T {
    const { kv } = this.ctx.storage
    const now = Date.now()
    const saved = this.#budget ? undefined : kv.get<SavedBudget>(KEY)
    const isNew = !this.#budget && !saved
    // Without a trace of former use nothing has been used, so all of the limit is free.
    const budget = (this.#budget ??= saved ? restoreBudget(limits, now, saved) : createBudget(limits))
    const before = isNew ? null : budget.state()
    const result = act(budget, now)
    // The answer leaves when this is stored.
    if (budget.state() !== before) kv.put(KEY, budget.state())
    return result
  }
}
