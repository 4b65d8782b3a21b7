import * as z from 'zod'

/** A moment in time as callers send it: RFC 3339 with an offset. */
export const Instant = z.iso.datetime({ offset: true, error: 'expected a time such as 2026-01-31T00:00:00Z' })
