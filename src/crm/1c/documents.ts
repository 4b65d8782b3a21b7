// Which documents are read, and which of their fields: the settings first, then the presets, and of several candidates
// the one that the base has.
import { CrmError } from '#lib/crm-error.ts'
import type { Row } from '#crm/1c/fields.ts'
import {
  AMOUNT,
  ARCHIVED_FLAG,
  CARDS,
  CHANGES_TABLE,
  CURRENCIES,
  CUSTOMERS,
  DATE,
  ITEM_TABLES,
  type Kind,
  KNOWN,
  LOCATIONS,
  OWNERS,
  PRESETS,
  TAX_INCLUDED,
  type StatusField,
} from '#crm/1c/presets.ts'
import type { DocumentSettings, Settings } from '#crm/1c/settings.ts'

/** Of several candidates the first one that a row has and that is filled counts. */
export interface DocumentSpec {
  readonly entitySet: string
  readonly kind: Kind
  readonly dateField: string
  readonly amountField: string
  readonly customerFields: readonly string[]
  readonly cardFields: readonly string[]
  readonly itemTables: readonly string[]
  readonly filter: string | null
  readonly required: DocumentSettings['required'] | null
  readonly statuses: readonly StatusField[]
  readonly archives: boolean
  readonly closedField: string | null
  readonly isCorrection: boolean
  /** Fields that the settings need: a sync fails without them. */
  readonly mustHave: readonly string[]
}

/** Throws CrmError `not_found` when no document that may be counted is published. */
export function chooseDocuments(settings: Settings, published: ReadonlySet<string>): readonly DocumentSpec[] {
  const own = settings.documents?.map(({ entitySet }) => entitySet) ?? []
  const preset = settings.preset ?? (own.length > 0 ? null : 'auto')
  const groups = preset === null ? [] : PRESETS[preset]
  const group = groups.find(([sales = '']) => published.has(sales)) ?? []
  const names = new Set([...group.filter((entitySet) => published.has(entitySet)), ...own])
  if (names.size > 0) return [...names].map((entitySet) => specOf(settings, entitySet))
  throw new CrmError('not_found', { reason: 'unpublished', params: { set: groups.map(([sales]) => sales).join(', ') } })
}

export function specOf({ documents = [] }: Settings, entitySet: string): DocumentSpec {
  const own: Partial<DocumentSettings> = documents.find((one) => one.entitySet === entitySet) ?? {}
  const known = Object.hasOwn(KNOWN, entitySet) ? KNOWN[entitySet] : undefined
  const { kind = known?.kind ?? 'sale', dateField = DATE, amountField = AMOUNT, required = null } = own
  const isKindOwn = own.kind !== undefined && typeof own.kind === 'object'
  const kindField = typeof kind === 'object' && (isKindOwn || !('otherwise' in kind)) ? [kind.field] : []
  const one = (field: string | undefined) => (field === undefined ? [] : [field])
  return {
    entitySet,
    kind,
    dateField,
    amountField,
    customerFields: own.customerField === undefined ? CUSTOMERS : [own.customerField],
    cardFields: own.cardField === undefined ? CARDS : [own.cardField],
    itemTables: own.itemTables ?? ITEM_TABLES,
    filter: own.filter ?? null,
    required,
    statuses: known?.statuses ?? [],
    archives: known?.archives ?? false,
    closedField: known?.closedField ?? null,
    isCorrection: known?.isCorrection ?? false,
    mustHave: [
      ...[dateField, amountField, ...kindField, ...one(own.customerField), ...one(own.cardField)],
      ...(own.itemTables ?? []),
      ...one(required?.field),
    ],
  }
}

/** The fields that change with every change of a document. */
export function fingerprintFields({ dateField, amountField }: DocumentSpec): readonly string[] {
  return ['Ref_Key', 'DataVersion', 'DeletionMark', 'Posted', dateField, amountField]
}

/**
 * The fields to select of a set, from some of its rows: one of them may lack what the others have. Throws CrmError
 * `rejected` with the first field that is missing in all.
 */
export function selectOf(
  spec: DocumentSpec,
  sample: readonly Row[],
): { readonly fingerprint: string; readonly whole: string } {
  const there = new Set(sample.flatMap((row) => Object.keys(row)))
  const missing = spec.mustHave.find((field) => !there.has(field))
  if (missing !== undefined) {
    throw new CrmError('rejected', { reason: 'field_missing', params: { set: spec.entitySet, field: missing } })
  }
  const { kind, required, customerFields, cardFields, closedField } = spec
  const fingerprint = fingerprintFields(spec)
  const others = [
    ...(typeof kind === 'object' ? [kind.field] : []),
    ...(required ? [required.field] : []),
    ...(closedField === null ? [] : [closedField]),
    ...spec.statuses.map(({ field }) => field),
    ...(spec.archives ? [ARCHIVED_FLAG] : []),
    ...[...customerFields, ...OWNERS, ...cardFields, ...LOCATIONS, ...CURRENCIES].flatMap((field) => [
      field,
      `${field}_Type`,
    ]),
    ...spec.itemTables,
    ...(spec.isCorrection ? [CHANGES_TABLE, TAX_INCLUDED] : []),
  ]
  return {
    fingerprint: fingerprint.join(','),
    whole: [...new Set([...fingerprint, ...others.filter((field) => there.has(field))])].join(','),
  }
}
