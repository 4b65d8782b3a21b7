import { seeded } from '#sandbox/faults.ts'
import type { Good, Line, Shop } from '#sandbox/1c/shop.ts'

const NAMES = ['Анна', 'Мария', 'Ольга', 'Елена', 'Дарья', 'Ирина', 'Алексей', 'Дмитрий', 'Светлана', 'Наталья']
const SURNAMES = ['Кедрова', 'Лебедева', 'Орлова', 'Соколова', 'Белова', 'Миронова', 'Зайцева', 'Волкова']
const GOODS: readonly (readonly [string, number])[] = [
  ['Кофе зерновой 1 кг', 129_000],
  ['Чай листовой', 34_990],
  ['Кружка «Север»', 59_000],
  ['Печенье овсяное', 18_005],
  ['Шоколад тёмный', 21_010],
  ['Сироп ванильный', 45_050],
  ['Фильтры бумажные', 29_900],
]
const DAY_MS = 86_400_000

interface Filling {
  readonly until: Date
  readonly receipts?: number
  readonly seed?: number
}

/** Two months, up to `until`, of a small shop; most receipts are sales to a customer with a card. */
export function fillShop(shop: Shop, { until, receipts = 320, seed = 11 }: Filling): void {
  const random = seeded(seed)
  const whole = (below: number) => Math.floor(random() * below)
  const pick = <T>(list: readonly T[]): T => {
    const one = list[whole(list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  shop.idsFrom(() => guidFrom(random))
  const people = Array.from({ length: 60 }, (_, index) =>
    shop.addPerson({
      name: `${pick(NAMES)} ${pick(SURNAMES)}`,
      phone: `+7900${String(2_000_000 + index * 7907).slice(-7)}`,
      email: index % 9 === 0 ? `buyer${index}@example.com` : '',
      hasContactsAsJson: index % 7 === 0,
    }),
  )
  const cards = people.map((owner, index) =>
    shop.addCard(String(2_000_000_000_000 + index * 37), index % 8 ? owner : null),
  )
  const goods = GOODS.map(([name, kopecks]): readonly [Good, number] => [shop.addGood(name), kopecks])
  const line = (): Line => {
    const [good, kopecks] = pick(goods)
    const quantity = random() < 0.2 ? 2 : 1
    return { good, quantity, kopecks: kopecks * quantity }
  }
  for (let index = 0; index < receipts; index += 1) {
    const at = new Date(until.getTime() - whole(60 * DAY_MS))
    at.setUTCMilliseconds(0)
    const lines = Array.from({ length: 1 + whole(3) }, line)
    const fate = random()
    const receipt = shop.add({
      ...{ at, lines, card: random() < 0.7 ? pick(cards) : null, person: random() < 0.5 ? pick(people) : null },
      ...{ isRefund: fate < 0.06, posted: fate < 0.94, marked: fate > 0.98 },
    })
    if (random() < 0.1) shop.change(receipt.id, { kopecks: receipt.kopecks - whole(1000) })
  }
  shop.idsFrom(() => crypto.randomUUID())
}

function guidFrom(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), `11f${hex.slice(13, 14)}`, hex.slice(16, 20), hex.slice(20)].join('-')
}
