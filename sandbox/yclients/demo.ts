import { seeded } from '#sandbox/faults.ts'
import type { Line, Person } from '#sandbox/yclients/books.ts'
import { EXPENSES, type Salon } from '#sandbox/yclients/salon.ts'

const NAMES = ['Анна', 'Мария', 'Ольга', 'Елена', 'Дарья', 'Ирина', 'Алексей', 'Дмитрий', 'Светлана', 'Наталья']
const SURNAMES = ['Кедрова', 'Лебедева', 'Орлова', 'Соколова', 'Белова', 'Миронова', 'Зайцева', 'Волкова']
const SERVICES: readonly [string, number][] = [
  ['Стрижка', 180_000],
  ['Окрашивание', 450_000],
  ['Маникюр', 220_050],
  ['Укладка', 150_000],
  ['Брови', 90_000],
]
const GOODS: readonly [string, number][] = [
  ['Шампунь 250 мл', 95_000],
  ['Маска для волос', 134_990],
  ['Масло', 72_010],
]
const DAY_MS = 86_400_000

interface Filling {
  readonly days?: number | undefined
  readonly seed?: number | undefined
}

/** Some days, up to `until`, of a small salon: about five visits each, most paid; each third day a sale at the desk. */
export function fillSalon(salon: Salon, until = salon.now(), { days = 60, seed = 7 }: Filling = {}): void {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  const people = Array.from({ length: 80 }, (_, index): Person => {
    const phone = `+7900${String(1_000_000 + index * 7919).slice(-7)}`
    return {
      id: 66_120_000 + index,
      name: pick(NAMES),
      surname: pick(SURNAMES),
      phone,
      email: index % 9 === 0 ? `client${index}@example.com` : '',
    }
  })
  const line = ([title, kopecks]: readonly [string, number], index: number): Line => ({
    id: 3300 + index,
    title,
    quantity: 1,
    kopecks,
  })
  const now = until.getTime()
  for (let index = 0; index < days * 5; index += 1) {
    const at = new Date(now - Math.floor(random() * days * DAY_MS))
    at.setUTCMilliseconds(0)
    const client = random() < 0.9 ? pick(people) : null
    const services = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, n) => line(pick(SERVICES), n))
    const goods = random() < 0.2 ? [line(pick(GOODS), 50)] : []
    const fate = random()
    const visit = salon.addVisit({ at, client, services, goods, attendance: fate < 0.85 ? 1 : fate < 0.92 ? -1 : 2 })
    const due = [...services, ...goods].reduce((sum, { kopecks }) => sum + kopecks, 0)
    const [deposit, bonus] = [index % 40 === 7 ? due : index % 40 === 8 ? 50_000 : 0, index % 40 === 9 ? 10_000 : 0]
    if (fate < 0.82 || fate > 0.95) salon.pay(visit.id, { parts: random() < 0.15 ? 2 : 1, deposit, bonus })
    if (fate > 0.83 && fate < 0.85) visit.deleted = true
    visit.changedAt = at
  }
  for (let index = 0; index < days; index += 3) {
    const at = new Date(now - Math.floor(random() * (days - 2) * DAY_MS))
    at.setUTCMilliseconds(0)
    const lines = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, n) => line(pick(GOODS), 60 + n))
    const payment = { parts: index % 6 === 0 ? 2 : 1, deposit: index === 4 ? 20_000 : 0 }
    salon.sell(at, lines, random() < 0.5 ? pick(people) : null, payment)
    if (index % 10 === 0) salon.move(at, 500_000, EXPENSES.deposit)
    if (index % 10 === 1) salon.move(at, 300_000, { id: 8, title: 'Прочие доходы' }, 'client_account')
    if (index % 10 === 2) salon.enterIncome(at, 10_000)
    if (index % 10 === 3) salon.sellVoucher(at, line(['Абонемент на 8 занятий', 1_200_000], 80), EXPENSES.abonement)
    if (index % 10 === 4) salon.sellVoucher(at, line(['Сертификат', 500_000], 90), EXPENSES.certificate)
    if (index % 12 === 0) salon.move(at, -1_500_000, EXPENSES.salary)
  }
}
