// The clinic in Renovatio's own forms, with the variety that live bodies have: numbers and numeric strings, sums with a
// comma or spaces, dates with and without a time, phones for people to read, `null` and `[]` for nothing. Which form a
// thing takes depends on its number only.
import { localDate, localDateTime, zonedToUtc } from '#lib/time.ts'
import { type Invoice, type Line, type Patient, STATUSES, type Visit } from '#sandbox/renovatio/clinic.ts'

type Json = Record<string, unknown>

export const CLINICS: Readonly<Record<number, string>> = { 1: 'Клиника на Садовой', 2: 'Клиника на Речной' }

export function createWire(zone: string) {
  const day = (date: Date) => localDate(date, zone).split('-').toReversed().join('.')
  const minute = (date: Date) => `${day(date)} ${localDateTime(date, zone).slice(11, 16)}`
  /** The instant that is left of an invoice's time once it is written down. */
  const shownAt = ({ number, at }: Invoice) => {
    const local = number % 4 === 0 ? `${localDate(at, zone)} 00:00:00` : `${localDateTime(at, zone).slice(0, 16)}:00`
    return new Date(zonedToUtc(local, zone))
  }
  const invoice = (one: Invoice): Json => ({
    number: one.number % 2 === 0 ? one.number : String(one.number),
    date: one.number % 4 === 0 ? day(one.at) : minute(one.at),
    value: money(one.kopecks, one.number),
    status: STATUSES[one.status].text,
    status_code: one.number % 5 === 0 ? String(STATUSES[one.status].code) : STATUSES[one.status].code,
    appointment_id: one.visitId,
    patient_id: one.patient.id,
    patient: fullName(one.patient),
    clinic_id: one.clinicId,
    services: [{ title: 'Консультация онколога', comment: 'Диагноз C50.9' }],
  })
  const visit = (one: Visit): Json => ({
    id: one.id,
    time_start: minute(one.at),
    time_end: minute(new Date(one.at.getTime() + 30 * 60_000)),
    clinic_id: one.clinicId,
    clinic: CLINICS[one.clinicId],
    doctor_id: 30,
    doctor: 'Врачев С. П., психиатр',
    patient_id: one.patient?.id ?? null,
    patient_name: fullName(one.patient),
    patient_birth_date: '01.02.1990',
    patient_gender: 'Ж',
    patient_phone: human(one.patient?.phone ?? null),
    patient_email: one.patient?.email ?? '',
    date_created: minute(one.updatedAt),
    date_updated: minute(one.updatedAt),
    status: one.status,
    status_id: { upcoming: 1 + (one.id % 3), completed: 4, refused: 5 }[one.status],
    confirm_status: 1,
    source: one.id % 2 === 0 ? 'Администратор' : null,
    type: null,
    channel_id: null,
    comment: 'Жалобы на боль, диагноз F32.1',
    moved_to: one.movedTo ?? 0,
    moved_from: one.movedFrom,
    is_outside: false,
    is_telemedicine: false,
    room: '5',
    sum_value: one.lines.reduce((sum, { kopecks }) => sum + kopecks, 0) / 100,
    services: one.lines.length > 0 ? one.lines.map(service) : one.id % 2 === 0 ? [] : null,
  })
  const visitV2 = (one: Visit): Json => {
    const { clinic, doctor, services: _, ...rest } = visit(one)
    return { ...rest, clinic_title: clinic, doctor_name: doctor }
  }
  return { day, minute, shownAt, invoice, visit, visitV2, patient }
}

function service({ id, title, kopecks, invoice }: Line): Json {
  return {
    id,
    code: `B01.${id}`,
    title,
    price: money(kopecks, 1),
    // Can be lower than the price: it is no price before a discount.
    original_price: '135',
    count: 1,
    discount: '0',
    discount_type: 1,
    value: money(kopecks, 1),
    invoice_number: invoice !== null && id % 2 === 0 ? String(invoice) : invoice,
    program_id: null,
  }
}

function patient(one: Patient): Json {
  return {
    patient_id: one.id,
    number: `К-${one.id}`,
    last_name: one.last,
    first_name: one.first,
    third_name: one.third,
    mobile: human(one.phone),
    email: one.email,
    birth_date: '01.02.1990',
    is_deleted: false,
    parent_id: null,
    date_created: '01.03.2024',
    date_updated: '02.03.2024',
    blood_group: 'II+',
  }
}

function fullName(one: Patient | null): string | null {
  return [one?.last, one?.first, one?.third].filter(Boolean).join(' ') || null
}

/** `+7 (900) 123-45-67` */
export function human(phone: string | null): string {
  return phone?.replace(/^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/, '+7 ($1) $2-$3-$4') ?? ''
}

function money(kopecks: number, form: number): string | number {
  const [sign, digits] = [kopecks < 0 ? '-' : '', String(Math.abs(kopecks)).padStart(3, '0')]
  const [whole, cents] = [digits.slice(0, -2), digits.slice(-2)]
  if (form % 3 === 0) return kopecks / 100
  if (form % 3 === 1) return cents === '00' ? `${sign}${whole}` : `${sign}${whole}.${cents}`
  return `${sign}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ')},${cents}`
}
