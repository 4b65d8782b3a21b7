// The list of CRM types, once: the schema's check constraint, the registry, the API and the lint rules follow from it.
// A new type stands at its end.

export const CRM_TYPES = ['yclients', 'iiko', '1c', 'amo_crm', 'renovatio', 'csv'] as const
export type CrmType = (typeof CRM_TYPES)[number]
