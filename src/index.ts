// The Worker: fetch, scheduled, queue. Wiring only.
import { type Context, createContext } from '#context.ts'
import { createWorker } from '#worker.ts'

export { VendorBudget } from '#connections/vendor-budget.ts'

/** Created once per isolate: bindings do not change during its life. */
let isolateContext: Context | undefined

export default createWorker((env) => (isolateContext ??= createContext(env)))
