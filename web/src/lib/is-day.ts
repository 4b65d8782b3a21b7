import { addDays } from '#lib/time.ts'

/** Whether a text is a day as date fields give it. A Date reads the 31st of February as a day in March. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
}
