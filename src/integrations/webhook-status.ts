// Whether a CRM's hooks arrive. Only one thing proves that they stopped: polling finds changes, and no hook reports
// them.
import type { IntegrationRow } from '#integrations/queries.ts'
import { isoInstantOrNull } from '#db/columns.ts'
import type { Integration } from '#integrations/schema.ts'
import { SILENT_MINUTES } from '#runs/schedule-slots.ts'

type HookTimes = Pick<IntegrationRow, 'webhookLastAt' | 'webhookMissedAt'>

export function webhookStatus({ webhookLastAt, webhookMissedAt }: HookTimes, now: Date): Integration['webhooks'] {
  const missedMs = webhookMissedAt === null ? 0 : now.getTime() - Date.parse(isoInstantOrNull(webhookMissedAt) ?? '')
  const isSilent = missedMs >= SILENT_MINUTES * 60_000
  const status = isSilent ? 'silent' : webhookLastAt === null ? 'unknown' : 'live'
  return { status, lastAt: isoInstantOrNull(webhookLastAt) }
}
