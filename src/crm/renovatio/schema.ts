// The wire types: strict on the fields that are used. All other fields are dropped on reading, since answers are full
// of medical data.
import * as z from 'zod'
import { EVENTS_MAX } from '#crm/webhook.ts'

const scalar = z.union([z.string(), z.number()])
/** Digits only: a text in the place of a number could be personal data. */
export const Id = scalar.transform((value) => String(value).trim()).pipe(z.string().regex(/^\d{1,18}$/))
/** Null for null, absent, empty, 0 and anything that is not an id. */
const idOrNull = Id.nullish()
  .transform((value) => (value == null || value === '0' ? null : value))
  .catch(null)
const text = scalar
  .nullish()
  .transform((value) => String(value ?? '').trim())
  .catch('')
const amount = scalar
const flag = z
  .unknown()
  .optional()
  .transform((value) => value === true || value === 1 || value === '1')

/** `error` is a figure: a text there is a server's word that is not the vendor's. */
export const Envelope = z.lazy(() =>
  z.object({
    error: z.union([z.number(), z.string().regex(/^\d{1,5}$/), z.boolean()]),
    data: z.unknown().optional(),
  }),
)
/** The code is a number in some failures and text in others. */
export const Failure = z.lazy(() =>
  z.object({
    code: scalar.transform((code) => String(code).trim()).pipe(z.string().regex(/^\d{1,5}$/)),
    desc: text,
  }),
)
export type Failure = z.infer<typeof Failure>

/**
 * Lists come as arrays, as objects with numeric keys, as one object, or below a name such as `appointments`. An empty
 * answer is an empty list. Null: the shape is unknown, as of an error or a notice in the place of rows.
 */
export function listOf(data: unknown, isWrapped = false): readonly unknown[] | null {
  if (Array.isArray(data)) return data.map((row: unknown) => row)
  if (data === null || data === undefined || data === false || data === '') return []
  if (typeof data !== 'object') return null
  if ('id' in data || 'number' in data || 'patient_id' in data) return [data]
  const values = Object.values<unknown>({ ...data })
  // Beside a list may stand its total.
  if (
    values.length > 0 &&
    values.every((value) => (typeof value === 'string' && value !== '') || typeof value === 'number')
  )
    return null
  const objects = values.filter((value) => typeof value === 'object' && value !== null)
  if (isWrapped || Object.keys(data).some((name) => /^\d+$/.test(name))) return objects
  const lists = objects.filter((value) => Array.isArray(value))
  if (lists.length > 1) return null
  const [wrapped] = lists.length === 1 ? lists : objects
  return objects.length > 1 && lists.length === 0 ? objects : listOf(wrapped, true)
}

export const Clinic = z.lazy(() => z.object({ id: Id, title: text }))
export type Clinic = z.infer<typeof Clinic>

/** Empty is no code: 0 is one. */
export const StatusCode = z.union([
  z.int(),
  z
    .string()
    .trim()
    .regex(/^-?\d{1,9}$/)
    .transform(Number),
])

export const Invoice = z.lazy(() =>
  z.object({
    number: Id,
    // What only a sale needs is missing in drafts.
    date: text,
    value: amount.nullish().catch(null),
    status_code: StatusCode,
    status: text,
    is_deleted: flag,
    appointment_id: idOrNull,
    clinic_id: idOrNull,
    patient_id: idOrNull,
    patient: text,
    patient_name: text,
    patient_mobile: text,
    patient_phone: text,
    patient_email: text,
  }),
)
export type Invoice = z.infer<typeof Invoice>

const NO_SERVICE = { invoice_number: null, value: null }
const Services = z.lazy(() =>
  z.array(z.object({ invoice_number: idOrNull, value: amount.nullish().catch(null) }).catch(NO_SERVICE)),
)
const services = z
  .unknown()
  .optional()
  .transform((value) => listOf(value) ?? [])
  .pipe(Services)

const NOBODY = { mobile: '', phone: '', email: '' }
const Person = {
  id: idOrNull,
  clinic_id: idOrNull,
  patient_id: idOrNull,
  patient_name: text,
  patient_phone: text,
  patient_mobile: text,
  patient_email: text,
  /** Present when patient data was requested; its field names are not certain. */
  patient: z.object({ mobile: text, phone: text, email: text }).catch(NOBODY),
  services,
}

/** A visit as a hint: the patient, and the invoices to read. Any object is valid. */
export const VisitHint = z.lazy(() => z.object(Person))
export type VisitHint = z.infer<typeof VisitHint>

/** A visit as a sale. Version 2 of the API renames some fields, none of which are used here. */
export const Visit = z.lazy(() =>
  z.object({
    ...Person,
    id: Id,
    time_start: z.string(),
    date_updated: text,
    status: z.string().min(1),
    sum_value: amount.nullish(),
    services,
  }),
)
export type Visit = z.infer<typeof Visit>

export const Patient = z.lazy(() =>
  z.object({
    patient_id: idOrNull,
    last_name: text,
    first_name: text,
    third_name: text,
    mobile: text,
    email: text,
  }),
)
export type Patient = z.infer<typeof Patient>

/** `27.03.2025`, with or without a time; empty for anything else. */
const moment = text.transform((value) => (/^\d\d\.\d\d\.\d{4}[\d :]{0,9}$/.test(value) ? value : ''))

/** A list in a webhook, cut after EVENTS_MAX and one more, which shows that there are too many. */
const hookRows = z
  .unknown()
  .optional()
  .transform((value) => (listOf(value) ?? []).slice(0, EVENTS_MAX + 1))

/** What is stored of a webhook: its event, its time, and the ids to read. The schema also parses its own output. */
export const Hook = z.lazy(() =>
  z.object({
    event: z.string().regex(/^\w{1,50}$/),
    date: moment,
    data: hookRows.pipe(
      z.array(
        z.object({
          ...{ id: idOrNull, number: idOrNull, appointment_id: idOrNull, clinic_id: idOrNull, moved_to: idOrNull },
          date: moment,
          services: hookRows.pipe(Services).transform((rows) => rows.map(({ invoice_number }) => ({ invoice_number }))),
        }),
      ),
    ),
  }),
)
export type Hook = z.infer<typeof Hook>
