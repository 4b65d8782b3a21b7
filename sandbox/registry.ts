// One line per vendor: its demo books, filled up to a time. What is sold from now on must never be mistaken for what an
// earlier start sold, so ids go on above the clock.
import { createAmoDemo } from '#sandbox/amo_crm.ts'
import { createCsvDemo } from '#sandbox/csv.ts'
import { createRenovatioDemo } from '#sandbox/renovatio.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createOneCDemo } from '#sandbox/1c.ts'
import { createIikoDemo } from '#sandbox/iiko.ts'
import { createYclientsDemo } from '#sandbox/yclients.ts'

export const DEMOS: Readonly<Record<string, (filledAt: Date) => Sandbox>> = {
  '1c': createOneCDemo,
  csv: createCsvDemo,
  iiko: createIikoDemo,
  renovatio: createRenovatioDemo,
  yclients: createYclientsDemo,
  amo_crm: createAmoDemo,
}
