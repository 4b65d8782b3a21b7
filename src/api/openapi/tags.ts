/** The groups of the API's operations, in the order of the document. */
export const TAGS = {
  Integrations: 'The connection of a business to its CRM: settings, credentials, connection test, webhook address.',
  Runs: 'Syncs and backfills: start, watch, cancel. Records that could not be read wait in quarantine.',
  Issues: 'What is wrong with an integration, whose turn it is, and when it was over.',
  Imports: 'Sales from files: preview, import, uploads in parts, saved formats, rejected rows.',
  Transactions: 'The sales and refunds of an integration: list, change feed, history, export.',
  Checks: 'What is stored compared with the CRM, day by day, and what differs.',
  'Connect sessions': 'Rights that a product gives to one person for a short time: to connect, to see, to import.',
  Consent: 'Connecting a CRM by the consent of its owner instead of keys.',
  Marketplace: 'Connecting a CRM by installing our app from the vendor’s marketplace.',
  Webhooks: 'What CRMs report to us, and what became of it.',
  Events: 'What the service reports to the product: endpoints, their secrets, and what was delivered.',
  'CRM types': 'Which CRMs can be connected, and what each needs.',
  Businesses: 'The tenants. Each has at most one integration.',
  Administration: 'For operators: who changed what, and the keys that seal.',
  Health: 'Whether the service is running, and how its work is going.',
} as const satisfies Readonly<Record<string, string>>

export type Tag = keyof typeof TAGS
