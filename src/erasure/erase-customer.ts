// Erases one customer of a business: everywhere at once, and for whatever a CRM says of them later. The tombstone comes
// first, so nothing that is written from then on names them; then each place is searched. A call that broke off is
// repeated, and goes on.
import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines, ofBusiness } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { eraseBodies, eraseNotes, eraseQuarantine, eraseRejectedRows, type Needles } from '#erasure/texts.ts'
import { eraseUploads } from '#erasure/uploads.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { normalizePhone } from '#lib/phone.ts'
import { emailOf, type Trait } from '#tombstones/erased.ts'
import { traitHasher } from '#tombstones/traits.ts'
import { erasePerson, findPerson, type Found, type Person } from '#transactions/erase.ts'

const ONE = 'names a customer by exactly one of phone, email and customerExternalId'

export const EraseCustomer = z
  .strictObject({
    phone: z
      .string()
      .max(40)
      .refine((text) => normalizePhone(text) !== null, 'is not a phone number')
      .optional()
      .meta({ description: 'Their phone, in any usual spelling.' }),
    email: z.email().max(200).optional().meta({ description: 'Their e-mail address.' }),
    customerExternalId: z.string().min(1).max(200).optional().meta({ description: 'Their id in the CRM.' }),
    integrationId: z.guid().optional().meta({
      description:
        'With `customerExternalId`: which CRM’s id it is. Left out, it counts for all CRMs that the business has or will have.',
    }),
  })
  .refine(
    ({ phone, email, customerExternalId }) =>
      [phone, email, customerExternalId].filter((one) => one !== undefined).length === 1,
    ONE,
  )
  .meta({ id: 'EraseCustomer', description: 'One customer, by one of phone, email and customerExternalId.' })
type EraseCustomer = z.infer<typeof EraseCustomer>

const count = z.int().nonnegative()

export const Erasure = z
  .lazy(() =>
    z.strictObject({
      sales: count.meta({ description: 'Sales that no longer name the customer, each with a new `changeSeq`.' }),
      history: count.meta({ description: 'Former states of sales that no longer name them.' }),
      quarantine: count.meta({ description: 'Records in quarantine whose text was removed.' }),
      rejectedRows: count.meta({ description: 'Rejected rows of imports whose text was removed.' }),
      webhookBodies: count.meta({ description: 'Webhooks whose body was removed.' }),
      uploads: count.meta({ description: 'Uploaded files that named them and were deleted as a whole.' }),
      uploadsInUse: count.meta({
        description: 'Such files that a run is reading: they are deleted when it is through.',
      }),
      fileNotes: count.meta({ description: 'Parts of receipts, noted while a file was read, that were deleted.' }),
    }),
  )
  .meta({ id: 'Erasure', description: 'What was removed where.' })
type Erasure = z.infer<typeof Erasure>

const NOTHING: Erasure = {
  ...{ sales: 0, history: 0, quarantine: 0, rejectedRows: 0, webhookBodies: 0, uploads: 0, uploadsInUse: 0 },
  fileNotes: 0,
}

/** Null: no such business, or the integration is none of its own. */
export async function eraseCustomer(
  context: Context,
  businessId: string,
  request: EraseCustomer,
): Promise<Erasure | null> {
  const { integrationId: only, ...named } = request
  const asked = personOf(request)
  const hashOf = await traitHasher(context)
  const bury = async (traits: readonly Trait[], crmTypes: readonly string[], line: SQL | null) =>
    buryTraits(context, businessId, {
      hashes: traits.flatMap((trait) =>
        (trait.trait === 'id' ? crmTypes : ['']).map((crmType) => ({
          trait: trait.trait,
          hash: hashOf(trait, { businessId, crmType }),
        })),
      ),
      line,
    })
  const all = await integrationsOf(context, businessId)
  if (!all) return null
  const isOnly = only !== undefined && asked.ids.length > 0
  const integrations = isOnly ? all.filter(({ id }) => id === only.toLowerCase()) : all
  if (isOnly && integrations.length === 0) return null
  const line = auditLines(context, { action: 'customer.erased', changes: Object.keys(named) }, ofBusiness(businessId))
  await bury(traitsOf(asked), isOnly ? integrations.map(({ crmType }) => crmType) : CRM_TYPES, line)
  let total = NOTHING
  for (const { id, crmType } of integrations) {
    const found = await findPerson(context, id, asked)
    const ids = await ownIds(context, id, asked, found)
    if (ids.length > 0) await bury(traitsOf({ phones: [], emails: [], ids }), [crmType], null)
    total = add(total, await eraseIn(context, id, { ...asked, ids: [...asked.ids, ...ids] }))
  }
  return total
}

function personOf({ phone, email, customerExternalId }: EraseCustomer): Person {
  const number = normalizePhone(phone ?? null)
  return {
    phones: number === null ? [] : [number],
    emails: email === undefined ? [] : [emailOf(email)],
    ids: customerExternalId === undefined ? [] : [customerExternalId],
  }
}

function traitsOf({ phones, emails, ids }: Person): Trait[] {
  return [
    ...phones.map((value) => ({ trait: 'phone', value }) as const),
    ...emails.map((value) => ({ trait: 'email', value }) as const),
    ...ids.map((value) => ({ trait: 'id', value }) as const),
  ]
}

interface Known {
  readonly id: string
  readonly crmType: string
}

/** The business's integration, and those whose sales it has kept. Null: no such business. */
async function integrationsOf({ db }: Context, businessId: string): Promise<readonly Known[] | null> {
  const { rows } = await db.execute<{ known: readonly Known[] }>(sql`
    select (select coalesce(json_agg(k), '[]') from (
        select id, crm_type as "crmType" from crm_integrations where business_id = b.id
        union all select integration_id, crm_type from kept_integrations where business_id = b.id) k) as known
    from businesses b where b.id = ${businessId}::uuid`)
  return rows[0]?.known ?? null
}

interface Buried {
  readonly hashes: readonly { readonly trait: Trait['trait']; readonly hash: string }[]
  readonly line: SQL | null
}

/**
 * From its commit on no writer brings the customer back: whoever has not read the tombstone is refused, and whoever
 * held the integration's lock before has written by then.
 */
async function buryTraits({ db }: Context, businessId: string, { hashes, line }: Buried): Promise<void> {
  await db.batch([
    db.execute(sql`
      insert into erased_customers (business_id, trait, hash)
      select b.id, t.trait, decode(t.hash, 'hex')
      from json_to_recordset(${JSON.stringify(hashes)}::json) as t(trait text, hash text), businesses b
      where b.id = ${businessId}::uuid
      on conflict do nothing`),
    db.execute(sql`update businesses set erasures = erasures + 1 where id = ${businessId}::uuid`),
    db.execute(sql`
      select i.id from crm_integrations i join businesses b on b.id = i.business_id where b.id = ${businessId}::uuid
      for no key update of i`),
    ...(line ? [db.execute(line)] : []),
  ])
}

/**
 * The ids under which the CRM has a customer who was named by phone or address: sales without a phone are found by
 * them. An id that also stands for other people, such as "retail customer", is left alone.
 */
async function ownIds(context: Context, integrationId: string, asked: Person, found: Found): Promise<string[]> {
  const ids = [...new Set(found.customers.flatMap(({ customer_external_id: id }) => id ?? []))]
  if (ids.length === 0 || asked.ids.length > 0) return []
  const { customers } = await findPerson(context, integrationId, { phones: [], emails: [], ids })
  // Many people have a phone here and no address, or the other way round.
  const phones = new Set([...asked.phones, ...found.customers.map(({ customer_phone: phone }) => phone)])
  const emails = new Set([...asked.emails, ...found.customers.map(({ customer_email: email }) => emailOf(email ?? ''))])
  const others = customers.filter(
    ({ customer_phone: phone, customer_email: email }) =>
      (phone != null && !phones.has(phone)) || (email != null && !emails.has(emailOf(email))),
  )
  const shared = new Set(others.map(({ customer_external_id: id }) => id))
  return ids.filter((id) => !shared.has(id))
}

/** Shorter words are found in too many texts. */
const WORD_MIN = 6
/** The digits of a phone without its country, or most of them. */
const DIGITS = 9
const RUSSIAN_DIGITS = 10

async function eraseIn(context: Context, integrationId: string, person: Person): Promise<Erasure> {
  const needles = needlesOf(person, await findPerson(context, integrationId, person))
  const { sales, history } = await erasePerson(context, integrationId, person)
  const quarantine = await eraseQuarantine(context, integrationId, needles)
  const rejectedRows = await eraseRejectedRows(context, integrationId, needles)
  const webhookBodies = await eraseBodies(context, integrationId, needles)
  const fileNotes = await eraseNotes(context, integrationId, needles)
  const { deleted: uploads, inUse: uploadsInUse } = await eraseUploads(context, integrationId, needles)
  return { sales, history, quarantine, rejectedRows, webhookBodies, uploads, uploadsInUse, fileNotes }
}

/** What the sales say of the customer finds them in texts, too. */
function needlesOf({ phones, emails, ids }: Person, { customers, externalIds }: Found): Needles {
  const all = (own: readonly string[], column: 'customer_phone' | 'customer_email' | 'customer_card') => [
    ...own,
    ...customers.flatMap((customer) => customer[column] ?? []),
  ]
  const words = [...all(emails, 'customer_email'), ...all([], 'customer_card'), ...ids]
  return {
    digits: [...new Set(all(phones, 'customer_phone').map(lastDigits))],
    words: [...new Set(words.map((word) => word.toLowerCase()))].filter(({ length }) => length >= WORD_MIN),
    externalIds: [...new Set(externalIds)],
  }
}

function lastDigits(phone: string): string {
  return phone.slice(phone.startsWith('+7') ? -RUSSIAN_DIGITS : -DIGITS)
}

function add(one: Erasure, other: Erasure): Erasure {
  return {
    sales: one.sales + other.sales,
    history: one.history + other.history,
    quarantine: one.quarantine + other.quarantine,
    rejectedRows: one.rejectedRows + other.rejectedRows,
    webhookBodies: one.webhookBodies + other.webhookBodies,
    uploads: one.uploads + other.uploads,
    uploadsInUse: one.uploadsInUse + other.uploadsInUse,
    fileNotes: one.fileNotes + other.fileNotes,
  }
}
