import * as z from 'zod'

const EXPECTED = 'expected a time such as 2026-01-31T00:00:00Z'
/** Nanoseconds and an offset take 35 characters. PostgreSQL refuses more than 128. */
const CHARACTERS_MAX = 40
/** PostgreSQL has no year 0, and no offset of 16 hours. */
const UNREADABLE = /^0000|[+-](?:1[6-9]|2\d):\d\d$/

/** A moment in time as callers send it: RFC 3339 with an offset. */
export const Instant = z.iso
  .datetime({ offset: true, error: EXPECTED })
  .max(CHARACTERS_MAX, EXPECTED)
  .refine((text) => !UNREADABLE.test(text), EXPECTED)
