// A reader of a change feed, as the loyalty product is one: keeps the latest state of each sale and its position in the
// feed, and never reads the same twice.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from './service.ts'

const POLL_MS = 300
const LIMIT = 100

export interface Row {
  readonly externalId: string
  readonly changeSeq: number
  readonly status: string
  readonly amountMinor: number
  readonly occurredAt: string
  readonly customer: { readonly externalId: string | null; readonly phone: string | null } | null
  readonly items: readonly { readonly externalId: string | null; readonly amountMinor: number }[]
}

interface Page {
  readonly items: readonly Row[]
  readonly nextAfter: number
}

export class Reader {
  readonly rows = new Map<string, Row>()
  polls = 0
  private after = 0
  private isStopping = false
  private readonly done: Promise<void>
  private readonly service: Service
  private readonly id: string

  constructor(service: Service, id: string) {
    this.service = service
    this.id = id
    this.done = this.follow()
  }

  /** The number that it has read up to. */
  get position(): number {
    return this.after
  }

  /** Reads on until there is nothing new. */
  async stop(): Promise<void> {
    this.isStopping = true
    await this.done
  }

  private async follow(): Promise<void> {
    for (;;) {
      const isLast = this.isStopping
      const isEmpty = await this.poll()
      if (isLast && isEmpty) return
      if (isEmpty !== false) await sleep(POLL_MS)
    }
  }

  /** True: nothing new. Null: no answer. */
  private async poll(): Promise<boolean | null> {
    try {
      const { status, json } = await this.service.call<Page>(
        'GET',
        `/v1/integrations/${this.id}/changes?after=${this.after}&limit=${LIMIT}`,
      )
      if (status !== 200) return null
      const { items, nextAfter } = json
      this.polls += 1
      for (const item of items) this.rows.set(item.externalId, item)
      this.after = nextAfter
      return items.length === 0
    } catch {
      return null
    }
  }
}
