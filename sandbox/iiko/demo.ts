import { seeded } from '#sandbox/faults.ts'
import { type Cafe, type Line, line, type Person } from '#sandbox/iiko/cafe.ts'

const NAMES = ['Анна', 'Мария', 'Ольга', 'Елена', 'Дарья', 'Ирина', 'Алексей', 'Дмитрий', 'Светлана', 'Наталья']
const SURNAMES = ['Кедрова', 'Лебедева', 'Орлова', 'Соколова', 'Белова', 'Миронова', 'Зайцева', 'Волкова']
const DISHES: readonly [string, number][] = [
  ['Пицца «Маргарита»', 59_000],
  ['Борщ', 32_050],
  ['Паста карбонара', 48_990],
  ['Цезарь с курицей', 41_000],
  ['Капучино', 22_010],
]
const DAY_MS = 86_400_000
const guid = (kind: number, index: number) => `000000${kind}0-0000-4000-8000-${String(index).padStart(12, '0')}`

function addModifiers([first]: Line[]): void {
  if (first) first.modifiers = [1, 2].map((index) => ({ id: guid(8, index), title: `Сыр ${index}`, kopecks: 4500 }))
}

/** A small café, up to `until`: a week of deliveries and table orders, a month of the till's receipts. */
export function fillCafe(cafe: Cafe, until = cafe.now(), seed = 7): void {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  const people = Array.from({ length: 60 }, (_, index): Person => ({
    id: index % 6 === 0 ? null : guid(5, index),
    name: pick(NAMES),
    surname: index % 6 === 0 ? '' : pick(SURNAMES),
    phone: `+7900${String(2_000_000 + index * 7919).slice(-7)}`,
  }))
  const lines = (): Line[] => {
    const dishes = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(DISHES))
    return [...new Set(dishes)].map(([title, kopecks], index) =>
      line(
        guid(
          6,
          DISHES.findIndex(([name]) => name === title),
        ),
        title,
        kopecks,
        index === 2 ? 'Compound' : 'Product',
      ),
    )
  }
  const moment = (days: number) => new Date(until.getTime() - Math.floor(random() * days * DAY_MS))
  for (let index = 0; index < 70; index += 1) {
    const input = { at: moment(6.5), customer: random() < 0.9 ? pick(people) : null, lines: lines() }
    const fate = random()
    const order =
      fate < 0.8 ? cafe.sell({ ...input, payment: index % 23 === 0 ? 'Writeoff' : 'Card' }) : cafe.open(input)
    if (index % 5 === 0) order.lines.push(line(guid(7, 1), 'Доставка', 10_000, 'Service'))
    if (index % 7 === 0) order.lines.push({ ...line(guid(7, 2), 'Морс', 12_000), removed: true })
    if (index % 6 === 0) addModifiers(order.lines)
    if (index % 13 === 0) order.payments.push({ kind: 'Writeoff', kopecks: 20_000, isPreliminary: true })
    if (fate > 0.88 && fate < 0.94) cafe.touch(Object.assign(order, { status: 'Cancelled' }))
    if (fate >= 0.94) cafe.touch(Object.assign(order, { creation: fate < 0.97 ? 'InProgress' : 'Error' }))
  }
  for (let index = 0; index < 20; index += 1) {
    cafe.sell({ at: moment(20), kind: 'table', customer: index % 3 === 0 ? pick(people) : null, lines: lines() })
  }
  for (let index = 0; index < 150; index += 1) {
    const card = index % 4 === 0 ? String(7_000_000 + index) : null
    const payGroup = index % 29 === 0 ? 'WRITEOFF' : index % 2 === 0 ? 'CASH' : 'CARD'
    const phone = index % 9 === 0 ? pick(people).phone : null
    const receipt = cafe.ring(moment(30), lines(), { payGroup, guest: { phone, name: null, card } })
    if (index % 6 === 0) addModifiers(receipt.lines)
    if (index % 20 === 0) receipt.others = [{ phone: '+79009999999', name: 'Второй гость', card: null }]
    if (index % 37 === 0) receipt.isOpen = true
    if (index % 40 === 0)
      cafe.giveBack(receipt.id, new Date(Math.min(receipt.closedAt.getTime() + DAY_MS / 2, until.getTime())))
    if (index % 31 === 0) receipt.isDeleted = true
  }
}
