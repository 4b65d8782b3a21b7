// The connection test: the file at the address, read as a sync would read it. Without an address there is nothing to test.
import type { Capability, Check, Session, LocalizedText } from '#crm/contract.ts'
import type { FileHead } from '#crm/files.ts'
import { describeError } from '#crm/messages.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { checkHead, preview } from '#crm/csv/preview.ts'
import { pulledError } from '#crm/csv/pull.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { CrmError } from '#lib/crm-error.ts'

const OPEN: LocalizedText = { en: 'No password is asked for.', ru: 'Пароль не требуется.' }
const UPLOADS: LocalizedText = {
  en: 'No address is set: files are uploaded.',
  ru: 'Адрес не указан: файлы загружаются вручную.',
}

export async function check(session: Session<Settings>): Promise<Check> {
  if (session.apiUrl === '') return { account: null, capabilities: [capability('uploads', UPLOADS, true)], sample: [] }
  try {
    const head = await session.files.peek(session.apiUrl, SAMPLE_BYTES)
    return await checkFile(session, head)
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    const detail = describeError(error, MESSAGES)
    const isRefused = error.kind === 'auth'
    const credentials = capability('credentials', isRefused ? detail : OPEN, !isRefused)
    return { account: null, capabilities: [credentials, capability('file', detail, false)], sample: [] }
  }
}

async function checkFile(session: Session<Settings>, head: FileHead): Promise<Check> {
  const credentials = capability('credentials', OPEN, true)
  try {
    checkHead(head, session.settings)
    const { rows, columns } = await preview(head, session.settings, session.fallback)
    const names = columns.flatMap(({ header, field }) => (field === null ? [] : [`${field} ← ${header}`])).join(', ')
    const found = { en: `Readable: ${names}.`, ru: `Читается: ${names}.` }
    const sample = rows.filter(({ status }) => status === 'paid').slice(0, 3)
    return { account: null, capabilities: [credentials, capability('file', found, true)], sample }
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    const detail = describeError(pulledError(error), MESSAGES)
    return { account: null, capabilities: [credentials, capability('file', detail, false)], sample: [] }
  }
}

function capability(name: string, detail: LocalizedText, ok: boolean): Capability {
  return { name, required: true, ok, detail }
}
