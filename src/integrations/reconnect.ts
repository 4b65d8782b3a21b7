// A link that asks an owner for new credentials may be in anybody's hands: it changes nothing but these, and only those
// of the stored account count.
import type { IntegrationRow } from '#integrations/queries.ts'
import type { UpdateIntegration } from '#integrations/schema.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'

/** Throws Problem `invalid_request`. */
export function checkReconnect({ stoppedBy }: IntegrationRow, change: UpdateIntegration): void {
  if (change.syncIntervalMinutes !== undefined) throw onlyCredentials('syncIntervalMinutes')
  if (change.syncEnabled === false) throw onlyCredentials('syncEnabled')
  // What a person stopped stays off until a person switches it on.
  const isStopped = stoppedBy !== null && stoppedBy !== 'vendor'
  if (change.syncEnabled === true && isStopped) throw refuse('syncEnabled', STOPPED)
}

export function onlyCredentials(path: keyof UpdateIntegration): Problem {
  return refuse(path, ONLY)
}

function refuse(path: string, message: LocalizedText): Problem {
  return new Problem('invalid_request', { errors: [{ path, code: 'not_allowed', message }] })
}

const ONLY: LocalizedText = {
  en: 'may not change by this link, which is for new credentials only',
  ru: 'нельзя изменить по этой ссылке: она только для новых ключей',
}
const STOPPED: LocalizedText = {
  en: 'was not switched off by the CRM, so this link does not switch it on',
  ru: 'синхронизацию выключила не CRM, по этой ссылке её не включить',
}
