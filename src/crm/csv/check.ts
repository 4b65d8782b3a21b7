// The connection test: reads the file at the address as a sync would. Without an address there is nothing to test.
import type { CanonicalTransaction, Check, LocalizedText, Session } from '#crm/contract.ts'
import type { FileHead } from '#crm/files.ts'
import { capabilityIn, SAMPLE_MAX } from '#crm/kit/check.ts'
import { attempt } from '#lib/crm-error.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { checkHead, preview } from '#crm/csv/preview.ts'
import { fileRequest, pulledError, unconfirmed } from '#crm/csv/pull.ts'
import type { Settings } from '#crm/csv/settings.ts'

const OPEN: LocalizedText = { en: 'No password is asked for.', ru: 'Пароль не требуется.' }
const UPLOADS: LocalizedText = {
  en: 'No address is set: files are uploaded.',
  ru: 'Адрес не указан: файлы загружаются вручную.',
}

const capability = capabilityIn(MESSAGES)

export async function check(session: Session<Settings>): Promise<Check> {
  if (session.apiUrl === '') return { account: null, capabilities: [capability('uploads', UPLOADS)], sample: [] }
  const { value: head, error } = await attempt(async () => session.files.peek(fileRequest(session), SAMPLE_BYTES))
  if (!head) {
    const credentials = capability('credentials', error.kind === 'auth' ? error : OPEN)
    return { account: null, capabilities: [credentials, capability('file', error)], sample: [] }
  }
  const { value: sales, error: refused } = await attempt(async () => readHead(session, head))
  const file = capability('file', refused ? pulledError(refused) : sales.found)
  return { account: null, capabilities: [capability('credentials', OPEN), file], sample: sales?.sample ?? [] }
}

interface HeadRead {
  readonly found: LocalizedText
  readonly sample: readonly CanonicalTransaction[]
}

async function readHead(session: Session<Settings>, head: FileHead): Promise<HeadRead> {
  const given = { ...session, formats: await session.formats(), format: null }
  const { doubts } = await checkHead(head, given)
  const [doubt] = doubts
  if (doubt) throw unconfirmed(doubt)
  const { rows, columns } = await preview(head, given)
  const names = columns.flatMap(({ header, field }) => (field === null ? [] : [`${field} ← ${header}`])).join(', ')
  return {
    found: { en: `Readable: ${names}.`, ru: `Читается: ${names}.` },
    sample: rows.filter(({ status }) => status === 'paid').slice(0, SAMPLE_MAX),
  }
}
