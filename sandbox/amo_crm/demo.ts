import {
  type Account,
  type Line,
  LOST,
  OPEN,
  type Person,
  PIPELINES,
  wholeSecond,
  WON,
} from '#sandbox/amo_crm/account.ts'
import { seeded } from '#sandbox/faults.ts'

const NAMES = ['Анна', 'Мария', 'Ольга', 'Елена', 'Дарья', 'Ирина', 'Алексей', 'Дмитрий', 'Светлана', 'Наталья']
const SURNAMES = ['Кедрова', 'Лебедева', 'Орлова', 'Соколова', 'Белова', 'Миронова', 'Зайцева', 'Волкова']
const DAY_MS = 86_400_000

/** Two months, up to `until`, of a small business: about 260 deals, and its purchases and invoices. */
export function fillAccount(account: Account, until = account.now(), seed = 7): void {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  const ago = (days: number) => wholeSecond(new Date(until.getTime() - Math.floor(random() * days * DAY_MS)))
  const people = Array.from({ length: 70 }, (_, n): Person => {
    const digits = String(1_000_000 + n * 7919).slice(-7)
    const phone =
      n % 3 === 0 ? `8 (900) ${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}` : `+7900${digits}`
    const asNumber = Number(`7900${digits}`)
    const phones = n % 17 === 0 ? [] : n % 5 === 0 ? ['нет', phone] : [n % 11 === 0 ? asNumber : phone]
    const email = n % 9 === 0 ? `client${n}@example.com` : ''
    return account.addPerson({ firstName: pick(NAMES), lastName: pick(SURNAMES), phones, email })
  })
  for (let n = 0; n < 260; n += 1) {
    const fate = random()
    const statusId = fate < 0.7 ? WON : fate < 0.82 ? LOST : OPEN
    const contactIds = random() < 0.92 ? [pick(people).id] : []
    const kopecks = random() < 0.2 ? Math.floor(random() * 5_000_000) : Math.floor(random() * 50_000) * 100
    account.addDeal({ at: ago(60), statusId, contactIds, kopecks, pipelineId: pick(PIPELINES) })
  }
  const customers = people.slice(0, 20).map(({ id }) => account.addCustomer(id))
  for (let n = 0; n < 40; n += 1) {
    const at = ago(58)
    account.buy(pick(customers), Math.floor(random() * 9000) * 100, at)
  }
  for (const customer of account.customers.values()) customer.updatedAt = ago(30)
  for (let n = 0; n < 30; n += 1) {
    const paidAt = ago(58)
    const isPaid = random() < 0.8
    const payerId = random() < 0.9 ? pick(people).id : null
    const kopecks = Math.floor(random() * 3_000_000)
    const lines = n % 4 === 1 ? linesOf(kopecks) : null
    const paymentDate = (['timestamp', 'timestamp', 'time', 'day'] as const)[n % 4] ?? 'timestamp'
    const dealId = payerId === null ? pick([...account.deals.keys()]) : null
    const form = { lines, paymentDate, dealId, isByText: n % 3 === 2 }
    account.addInvoice({ ...form, status: isPaid ? 'paid' : 'created', paidAt, payerId, kopecks, updatedAt: paidAt })
  }
}

/** Two lines whose sums come to so much. */
function linesOf(kopecks: number): Line[] {
  const half = Math.floor(kopecks / 2)
  const rest = { kopecks: kopecks - half + 5000, quantity: 1, discountKopecks: 5000 }
  return [{ kopecks: half, quantity: 1, hasSumOnly: true }, rest]
}
