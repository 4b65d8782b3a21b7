import type { JsonReply } from '#api/reply.ts'
import { orNotFound } from '#api/shared.ts'
import type { Language } from '#lib/localized.ts'
import { presentRun, type Run, type RunRow } from '#runs/schema.ts'

/** 202 with the run that does the work, and where to look at it. Throws Problem `not_found`. */
export function accepted(run: RunRow | null, language: Language): JsonReply<202, Run, 'location'> {
  const found = orNotFound(run)
  const location = `/v1/integrations/${found.integration_id}/runs/${found.id}`
  return { status: 202, body: presentRun(found, language), headers: { location } }
}
