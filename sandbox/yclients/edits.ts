// What can be done in a salon at `/_sandbox/edit`.
import * as z from 'zod'
import type { Line } from '#sandbox/yclients/books.ts'
import { EXPENSES, type Salon } from '#sandbox/yclients/salon.ts'

const rubles = z.number()

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['pay', 'unpay', 'delete', 'vanish', 'noshow']), id: z.number() }),
  z.object({ do: z.literal('visit'), rubles, depositRubles: rubles.default(0), bonusRubles: rubles.default(0) }),
  z.object({ do: z.literal('sell'), rubles, parts: z.int().min(1).default(1), depositRubles: rubles.default(0) }),
  z.object({ do: z.enum(['sell-abonement', 'sell-certificate', 'enter-income', 'top-up']), rubles }),
  z.object({ do: z.literal('remove-sale'), documentId: z.number() }),
])
type Edit = z.infer<typeof Edit>

/** Throws ZodError. */
export function editSalon(salon: Salon, input: unknown): unknown {
  const edit = Edit.parse(input)
  const now = salon.now()
  now.setUTCMilliseconds(0)
  return 'id' in edit ? editVisit(salon, edit) : addTo(salon, edit, now)
}

const kopecksOf = (sum: number) => Math.round(sum * 100)

function lineOf(id: number, title: string, sum: number): Line {
  return { id, title, quantity: 1, kopecks: kopecksOf(sum) }
}

function addTo(salon: Salon, edit: Exclude<Edit, { id: number }>, now: Date): unknown {
  switch (edit.do) {
    case 'visit': {
      const visit = salon.addVisit({ at: now, services: [lineOf(3300, 'Стрижка', edit.rubles)], attendance: 1 })
      const loyalty = { deposit: kopecksOf(edit.depositRubles), bonus: kopecksOf(edit.bonusRubles) }
      salon.pay(visit.id, loyalty)
      return { id: visit.id }
    }
    case 'sell': {
      const payment = { parts: edit.parts, deposit: kopecksOf(edit.depositRubles) }
      return { documentId: salon.sell(now, [lineOf(3360, 'Шампунь', edit.rubles)], null, payment) }
    }
    case 'sell-abonement':
      return { documentId: salon.sellVoucher(now, lineOf(3380, 'Абонемент', edit.rubles), EXPENSES.abonement) }
    case 'sell-certificate':
      return { documentId: salon.sellVoucher(now, lineOf(3390, 'Сертификат', edit.rubles), EXPENSES.certificate) }
    case 'enter-income':
      return salon.enterIncome(now, kopecksOf(edit.rubles))
    case 'top-up':
      return salon.move(now, kopecksOf(edit.rubles), EXPENSES.deposit, 'account_replenishment')
    case 'remove-sale':
      salon.removeSale(edit.documentId)
      return { documentId: edit.documentId }
    default:
      throw new Error(`unknown edit ${String(edit satisfies never)}`)
  }
}

function editVisit(salon: Salon, { do: action, id }: Extract<Edit, { id: number }>): unknown {
  switch (action) {
    case 'pay':
      salon.get(id).attendance = 1
      salon.pay(id)
      break
    case 'unpay':
      salon.withdrawPayment(id)
      break
    case 'delete':
      salon.touch(Object.assign(salon.get(id), { deleted: true }))
      break
    case 'noshow':
      salon.touch(Object.assign(salon.get(id), { attendance: -1 }))
      break
    case 'vanish':
      salon.vanish(id)
      break
    default:
      throw new Error(`unknown edit ${String(action satisfies never)}`)
  }
  return { id }
}
