// A shop as it is, free of any wire format: what was sold, to whom, when. Sums are kopecks and times are instants; the
// forms of the configurations are made from them, and so is the ledger that the database must equal.

export interface Person {
  readonly id: string
  name: string
  phone: string
  email: string
  /** The same buyer in the other catalog of УТ, who may be the one with the phone. */
  counterparty: { readonly id: string; readonly phone: string } | null
  /** Stands for everybody who is not known: a predefined element. */
  readonly isNobody: boolean
  /** Contacts are kept as JSON only. */
  readonly hasContactsAsJson: boolean
}

export type NewPerson = Pick<Person, 'name' | 'phone' | 'email'> & Partial<Omit<Person, 'id'>>

/** Rung up, put aside, reserved for a buyer, annulled, or archived when the shift was closed. */
export type State = 'punched' | 'aside' | 'reserved' | 'annulled' | 'archived'

export interface Card {
  readonly id: string
  code: string
  owner: Person | null
}

export interface Good {
  readonly id: string
  name: string
}

export interface Line {
  good: Good
  quantity: number
  kopecks: number
}

export interface Receipt {
  readonly id: string
  readonly number: number
  at: Date
  isRefund: boolean
  lines: Line[]
  /** Of the document: it may be less than its lines are. */
  kopecks: number
  card: Card | null
  person: Person | null
  posted: boolean
  marked: boolean
  state: State
  /** Archived receipts lose their lines, some of them their sum as well. */
  isEmptied: boolean
  currency: 'RUB' | 'USD' | 'KZT'
  /** An operation that no preset knows. */
  operation: string | null
  original: string | null
  version: number
  /** The time it had when it was last shown paid; a ledger entry exists from then on. */
  shownPaidAt: Date | null
  /** As it was shown last. */
  shown: Receipt | null
  vanishedAt: Date | null
  /** It was taken back by somebody, so the report of its shift does not count it. */
  isDeletedByHand: boolean
}

/** The money of such a receipt was taken, and was not given back. */
export function isPaid({ posted, marked, state, operation }: Receipt): boolean {
  return !marked && operation === null && (state === 'archived' || (state === 'punched' && posted))
}

/** What a subscription to the events of documents in the base receives. */
export type ShopEvent = 'created' | 'updated' | 'posted' | 'unposted' | 'deleted'

type NewReceipt = Pick<Receipt, 'at' | 'lines'> &
  Partial<Omit<Receipt, 'id' | 'number' | 'version' | 'shownPaidAt' | 'shown' | 'vanishedAt' | 'isDeletedByHand'>>

export type Shop = ReturnType<typeof createShop>

export function createShop(now: () => Date) {
  const receipts = new Map<string, Receipt>()
  const people = new Map<string, Person>()
  const cards = new Map<string, Card>()
  const goods = new Map<string, Good>()
  /** Receipts that are deleted physically. */
  const vanished = new Set<Receipt>()
  const listeners: ((event: ShopEvent, receipt: Receipt) => void)[] = []
  const tell = (event: ShopEvent, receipt: Receipt) => {
    for (const listen of listeners) listen(event, receipt)
  }
  let nextId: () => string = () => crypto.randomUUID()
  let version = 1

  /** Ids from now on; a demo has the same at every start. */
  const idsFrom = (source: () => string) => void (nextId = source)

  function get(id: string): Receipt {
    const receipt = receipts.get(id)
    if (!receipt) throw new Error(`no receipt ${id}`)
    return receipt
  }

  function add(receipt: NewReceipt): Receipt {
    const kopecks = receipt.lines.reduce((sum, line) => sum + line.kopecks, 0)
    version += 1
    const added: Receipt = {
      ...{ id: nextId(), number: (receipts.size % 400) + 1, kopecks, isRefund: false, card: null, person: null },
      ...{ posted: true, marked: false, state: 'punched', isEmptied: false, currency: 'RUB', operation: null },
      ...{ original: null, version, shownPaidAt: null, shown: null, vanishedAt: null, isDeletedByHand: false },
      ...receipt,
    }
    receipts.set(added.id, added)
    tell(added.posted ? 'posted' : 'created', added)
    return added
  }

  /** Every write gives a document another version; nothing says when that was. */
  function change(id: string, changes: Partial<Omit<Receipt, 'id' | 'version'>>): Receipt {
    version += 1
    const { posted, marked } = get(id)
    const changed = Object.assign(get(id), changes, { version })
    if (changed.marked && !marked) tell('deleted', changed)
    else if (changed.posted !== posted) tell(posted ? 'unposted' : 'posted', changed)
    else tell('updated', changed)
    return changed
  }

  function vanish(id: string, isDeletedByHand = false): void {
    const receipt = get(id)
    Object.assign(receipt, { vanishedAt: now(), isDeletedByHand })
    vanished.add(receipt)
    receipts.delete(id)
    tell('deleted', receipt)
  }

  /** The shift of these receipts is closed. */
  function archive(ids: readonly string[]): void {
    for (const id of ids) if (get(id).state === 'punched' && get(id).posted) change(id, { state: 'archived' })
  }

  function addPerson(person: NewPerson): Person {
    const added = { id: nextId(), counterparty: null, isNobody: false, hasContactsAsJson: false, ...person }
    people.set(added.id, added)
    return added
  }

  function addCard(code: string, owner: Person | null): Card {
    const card = { id: nextId(), code, owner }
    cards.set(card.id, card)
    return card
  }

  function addGood(name: string): Good {
    const good = { id: nextId(), name }
    goods.set(good.id, good)
    return good
  }

  return {
    receipts,
    people,
    cards,
    goods,
    vanished,
    listeners,
    now,
    idsFrom,
    get,
    add,
    change,
    vanish,
    archive,
    addPerson,
    addCard,
    addGood,
  }
}
