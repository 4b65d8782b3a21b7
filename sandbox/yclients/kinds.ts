// Every kind of record that a salon has. The keys of the books' own types are exhausted, so a new kind does not compile
// without an entry.
import type { Kinds, Recorded } from '#sandbox/sandbox.ts'
import type { Line, Payment, Visit } from '#sandbox/yclients/books.ts'
import { EXPENSES, type Salon } from '#sandbox/yclients/salon.ts'
import type { YclientsSandbox } from '#sandbox/yclients/state.ts'

const LINE: Line = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

type Status = Recorded['status']

/** By the mark of attendance: what a visit is that nobody has paid, and one that is paid. */
const ATTENDANCES: { readonly [A in Visit['attendance']]: readonly [A, unpaid: Status, paid: Status] } = {
  [-1]: [-1, 'cancelled', 'cancelled'],
  0: [0, 'unpaid', 'unpaid'],
  1: [1, 'unpaid', 'paid'],
  2: [2, 'unpaid', 'unpaid'],
}

/** What a movement of money without an appointment is, by what it is for. */
const MOVEMENTS: { readonly [E in keyof typeof EXPENSES]: readonly [E, Status] } = {
  services: ['services', 'paid'],
  abonement: ['abonement', 'paid'],
  certificate: ['certificate', 'paid'],
  goods: ['goods', 'paid'],
  deposit: ['deposit', null],
  salary: ['salary', null],
}

function visitOf(salon: Salon, attendance: Visit['attendance'], payment: Payment | null): Visit {
  const visit = salon.addVisit({ at: secondsOf(salon), services: [LINE], attendance })
  if (payment) salon.pay(visit.id, payment)
  return visit
}

const visit =
  (
    status: Status,
    attendance: Visit['attendance'],
    payment: Payment | null,
    change: (visit: Visit) => void = () => {},
  ) =>
  ({ salon }: YclientsSandbox): Recorded => {
    const made = visitOf(salon, attendance, payment)
    change(made)
    return { externalId: `record:${made.id}`, status }
  }

const VISITS: Kinds<YclientsSandbox> = Object.fromEntries(
  Object.values(ATTENDANCES).flatMap(([attendance, unpaid, paid]) => [
    [`a visit marked ${attendance}, unpaid`, visit(unpaid, attendance, null)],
    [`a visit marked ${attendance}, paid`, visit(paid, attendance, {})],
  ]),
)

const MONEY: Kinds<YclientsSandbox> = Object.fromEntries(
  Object.values(MOVEMENTS).map(([name, status]) => [
    `money for ${name}`,
    ({ salon }: YclientsSandbox): Recorded => {
      salon.move(secondsOf(salon), name === 'salary' ? -50_000 : 50_000, EXPENSES[name])
      return sale(status, lastDocument(salon))
    },
  ]),
)

export const KINDS: Kinds<YclientsSandbox> = {
  ...VISITS,
  'a visit paid from a deposit': visit('paid', 1, { deposit: 50_000 }),
  'a visit paid with bonuses': visit('paid', 1, { bonus: 50_000 }),
  'a visit paid in part': visit('unpaid', 1, {}, (made) => void (made.paidFull = false)),
  'a deleted visit': visit('cancelled', 1, {}, (made) => void (made.deleted = true)),
  'a visit without a trace': ({ salon }) => {
    const { id } = visitOf(salon, 1, {})
    salon.vanish(id)
    return { externalId: `record:${id}`, status: null }
  },
  'a visit that cannot be read': ({ salon, broken }) => {
    const { id } = visitOf(salon, 1, {})
    broken.add(id)
    return { externalId: `record:${id}`, status: null }
  },
  ...MONEY,
  'a sale of goods': ({ salon }) => sale('paid', salon.sell(secondsOf(salon), [LINE])),
  'a sale of goods from a deposit': ({ salon }) =>
    sale('paid', salon.sell(secondsOf(salon), [LINE], null, { deposit: 50_000 })),
  'a sale that was taken back': ({ salon }) => {
    const documentId = salon.sell(secondsOf(salon), [LINE])
    salon.removeSale(documentId)
    return sale(null, documentId)
  },
  'the money of a visit': ({ salon }) => sale(null, visitOf(salon, 1, {}).documentId),
  'a top-up that is named as an item': ({ salon }) => {
    salon.move(secondsOf(salon), 50_000, { id: 8, title: 'Прочие доходы' }, 'client_account')
    return sale(null, lastDocument(salon))
  },
  'other income': ({ salon }) => {
    salon.move(secondsOf(salon), 50_000, { id: 8, title: 'Прочие доходы' })
    return sale(null, lastDocument(salon))
  },
  'income that was entered by hand': ({ salon }) => {
    salon.enterIncome(secondsOf(salon), 50_000)
    return sale(null, 0)
  },
  'an operation by itself': ({ salon }) => {
    salon.enterIncome(secondsOf(salon), 50_000)
    return { externalId: `operation:${[...salon.operations.keys()].at(-1)}`, status: null }
  },
}

function sale(status: Status, documentId: number): Recorded {
  return { externalId: `sale:${documentId}`, status }
}

function lastDocument({ operations }: Salon): number {
  return [...operations.values()].at(-1)?.documentId ?? 0
}

function secondsOf(salon: Salon): Date {
  const at = salon.now()
  at.setUTCMilliseconds(0)
  return at
}
