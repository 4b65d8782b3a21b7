// The budgets that the gate holds: bundle size and start-up, and what the page weighs. Fails when one is missed.
import { measureBundle, measureStartup } from './bundle.ts'
import { isKept, print } from './measure.ts'
import { measurePageWeight } from './page.ts'
import { FULL } from './sizes.ts'

const lines = [...measureBundle(), measureStartup(FULL.bundle.starts), ...(await measurePageWeight())]
print(lines)
if (!lines.every(isKept)) process.exitCode = 1
