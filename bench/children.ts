import { startReaper } from '#dev/children.ts'

/** However a bench or a proof ends, by a signal too, the processes that it has named here end with it. */
export const { watch } = startReaper()
