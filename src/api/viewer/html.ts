// The formatter would indent what stands in a template of the name `html`, and every space of it would be sent.
import { html as markup } from 'hono/html'

export { markup }

/** Text that `markup` has escaped, or is about to. */
export type Html = ReturnType<typeof markup>
