// What a salon writes into its books: its visits, its sales over the counter and the money that came for them.

export interface Person {
  id: number
  name: string
  surname: string
  phone: string
  email: string
}

export interface Line {
  id: number
  title: string
  quantity: number
  kopecks: number
}

export interface Visit {
  readonly id: number
  /** The sale document, known from the first payment on. */
  documentId: number
  /** What was paid from the client's deposit, and with bonuses. Neither is a cash movement. */
  loyalty: Loyalty
  at: Date
  client: Person | null
  services: Line[]
  goods: Line[]
  attendance: -1 | 0 | 1 | 2
  paidFull: boolean
  deleted: boolean
  changedAt: Date
  /** The time it had when it was last shown paid; a ledger entry exists from then on. */
  shownPaidAt: Date | null
}

export interface Loyalty {
  readonly deposit: number
  readonly bonus: number
}

/** What a sale over the counter sold, and how it was paid beside cash. */
export interface Document {
  readonly lines: readonly Line[]
  readonly type: 'good' | ''
  readonly loyalty: Loyalty
}

export interface Payment extends Partial<Loyalty> {
  readonly parts?: number
}

export interface Operation {
  readonly id: number
  documentId: number
  recordId: number
  at: Date
  kopecks: number
  expense: { id: number; title: string }
  itemId: number
  itemType: string
  client: Person | null
  changedAt: Date
}
