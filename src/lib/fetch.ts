/** The type of the global fetch. Only context.ts passes on the global itself. */
export type Fetch = typeof fetch
