// What a file is read with beside its own bytes, and the check that decides whether it may be imported.
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import type { FileHead } from '#crm/files.ts'
import type { Format } from '#crm/files.ts'
import type { Checked, Doubt, Given } from '#crm/imports.ts'
import { storedFormats } from '#connections/formats.ts'
import { previewMended } from '#imports/mended-preview.ts'
import type { OpenedFile } from '#imports/open-file.ts'
import { type Target, unreadable } from '#imports/target.ts'
import { Problem } from '#lib/errors.ts'
import { createStoredReader, storedTwins } from '#transactions/stored.ts'

/** The format that a request names, or brings for this time only. */
export interface Chosen {
  readonly name?: string | undefined
  readonly trial?: Format | null
}

/** Throws Problem `invalid_request` for a name under which no format is saved. */
export async function givenFor(
  context: Context,
  { row, settings }: Target,
  { name, trial = null }: Chosen,
): Promise<Given<unknown>> {
  const formats = await storedFormats(context, row.id)
  const named = name === undefined ? null : formats.find((format) => format.name === name)
  if (named === undefined) {
    throw new Problem('invalid_request', {
      errors: [
        {
          ...({ path: 'query.format', code: 'not_allowed' } as const),
          message: { en: 'is not a saved format', ru: 'такого формата нет' },
        },
      ],
    })
  }
  return {
    ...{ settings, formats, format: trial ?? named },
    fallback: { timezone: row.timezone, currency: row.currency },
    storedSales: createStoredReader(context, row.id).storedSales,
    twins: async (of) => storedTwins(context, row.id, of),
  }
}

/** Throws Problem `unreadable_file`, and `mapping_unconfirmed` while a question about the file is open. */
export async function checkFile(context: Context, target: Target, { head, mended, format }: Sent): Promise<Checked> {
  const given = { ...(await givenFor(context, target, { name: format })), ...(mended && { plan: mended.plan }) }
  const checked = await readable(target, async () => target.imports.check(head, given))
  if (checked.doubts.length > 0) throw unconfirmed(checked.doubts, target)
  const lost = mended && (await previewMended(context, target, { head, given, importId: mended.importId })).lost
  if (lost) throw unreadable(target, lost)
  return checked
}

interface Sent {
  readonly head: FileHead
  readonly mended: OpenedFile['mended']
  readonly format: string | undefined
}

/** Throws a Problem where `read` throws a CrmError about the file. */
export async function readable<T>(target: Target, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw unreadable(target, error)
  }
}

const UNCONFIRMED: LocalizedText = {
  en: 'Nothing was imported: this file can be read in several ways, and each gives other sums.',
  ru: 'Ничего не загружено: этот файл можно понять по-разному, и суммы получатся разными.',
}

function unconfirmed(doubts: readonly Doubt[], { language }: Target): Problem {
  const texts = [UNCONFIRMED, ...doubts.map(({ message }) => message)]
  const textIn = (one: keyof LocalizedText) => texts.map((text) => text[one]).join(' ')
  const detail = { en: textIn('en'), ru: textIn('ru') }
  return new Problem('mapping_unconfirmed', { detail, extensions: { doubts: presentDoubts(doubts, language) } })
}

export function presentDoubts(doubts: readonly Doubt[], language: keyof LocalizedText) {
  return doubts.map(({ code, message, columns, choices }) => ({
    ...{ code, message: message[language], columns: [...columns] },
    choices: choices.map(({ id, label, count, totalMinor }) => ({ id, label: label[language], count, totalMinor })),
  }))
}
