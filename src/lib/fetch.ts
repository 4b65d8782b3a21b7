/** The global's type, for what is handed a fetch; only context.ts hands on the global itself. */
export type Fetch = typeof fetch
