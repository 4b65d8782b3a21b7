import { seeded } from '#sandbox/faults.ts'
import type { Clinic, Patient } from '#sandbox/renovatio/clinic.ts'

const NAMES = ['Анна', 'Мария', 'Ольга', 'Елена', 'Дарья', 'Ирина', 'Алексей', 'Дмитрий', 'Светлана', 'Наталья']
const SURNAMES = ['Кедрова', 'Лебедева', 'Орлова', 'Соколова', 'Белова', 'Миронова', 'Зайцева', 'Волкова']
const PRICES = [190_000, 32_000, 254_950, 480_000, 75_050, 1_250_000]
const STATES = [
  ['paid', 0.85],
  ['unpaid', 0.92],
  ['partly', 0.97],
  ['voided', 0.985],
  ['annulled', 1],
] as const
const stateAt = (end: number) => STATES.find(([, below]) => end < below)?.[0] ?? 'voided'
const DAY_MS = 86_400_000

/** Two months, up to `until`, of a small clinic of two branches: about 220 visits, most of them billed and paid. */
export function fillClinic(clinic: Clinic, until = clinic.now(), seed = 11): void {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)]
    if (one === undefined) throw new Error('an empty list')
    return one
  }
  const people = Array.from({ length: 70 }, (_, index): Patient => {
    // Children come with a parent's phone, and some people have none.
    const owner = index % 8 === 7 ? index - 1 : index
    const phone = index % 23 === 5 ? null : `+7901${String(1_000_000 + owner * 7919).slice(-7)}`
    const email = index % 9 === 0 ? `patient${index}@example.com` : null
    return clinic.addPatient({ last: pick(SURNAMES), first: pick(NAMES), third: null, phone, email })
  })
  const minuteBefore = (days: number) => {
    const ms = until.getTime() - Math.floor(random() * days * DAY_MS)
    return new Date(ms - (ms % 60_000))
  }
  for (let index = 0; index < 220; index += 1) {
    const at = minuteBefore(60)
    const kopecks = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(PRICES))
    const visit = clinic.addVisit({ at, patient: pick(people), kopecks, clinicId: index % 3 === 0 ? 2 : 1 })
    visit.updatedAt = at
    const fate = random()
    if (fate < 0.08) visit.status = 'refused'
    // Staff do not always close a visit that is over.
    else if (fate < 0.2) visit.status = 'upcoming'
    if (fate < 0.08) continue
    const parts =
      random() < 0.1 && visit.lines.length > 1 ? [visit.lines.slice(0, 1), visit.lines.slice(1)] : [visit.lines]
    for (const lines of parts) {
      const invoice = clinic.bill(visit, at, lines)
      const end = random()
      clinic.setStatus(invoice.number, stateAt(end))
    }
    visit.updatedAt = at
  }
  for (let index = 0; index < 25; index += 1) {
    clinic.addInvoice({ at: minuteBefore(58), patient: pick(people), kopecks: pick(PRICES), status: 'paid' })
  }
  const moved = [...clinic.visits.values()].find(({ status }) => status === 'upcoming')
  if (moved) clinic.moveVisit(moved.id, new Date(moved.at.getTime() + 3_600_000))
}
