// One line per vendor: its demo books, filled up to a time. What is sold from now on must never be mistaken for what an
// earlier start sold, so ids go on above the clock.
import { createAmoDemo } from '#dev/sandbox/amo_crm.ts'
import { createCsvDemo } from '#dev/sandbox/csv.ts'
import { createRenovatioDemo } from '#dev/sandbox/renovatio.ts'
import type { Sandbox } from '#dev/sandbox/sandbox.ts'
import { createOneCDemo } from '#dev/sandbox/1c.ts'
import { createIikoDemo } from '#dev/sandbox/iiko.ts'
import { createYclientsDemo } from '#dev/sandbox/yclients.ts'

export const DEMOS: Readonly<Record<string, (filledAt: Date) => Sandbox>> = {
  '1c': createOneCDemo,
  csv: createCsvDemo,
  iiko: createIikoDemo,
  renovatio: createRenovatioDemo,
  yclients: createYclientsDemo,
  amo_crm: createAmoDemo,
}
