// What an import of mended rows would do, and whether one of them would be lost or take the place of another sale.
import type { Context } from '#context.ts'
import type { FileHead } from '#crm/files.ts'
import type { FilePreview, Given } from '#crm/imports.ts'
import type { Target } from '#imports/target.ts'
import { CrmError } from '#lib/crm-error.ts'
import { storedByImport } from '#transactions/stored.ts'

interface MendedRows {
  readonly head: FileHead
  readonly given: Given<unknown>
  /** Of the file that they are from. */
  readonly importId: string
}

/** `lost`: the rows must not be imported as they are. */
export async function previewMended(
  context: Context,
  { imports, row }: Target,
  { head, given, importId }: MendedRows,
): Promise<{ readonly preview: FilePreview; readonly lost: CrmError | null }> {
  const ids = new Set<string>()
  const preview = await imports.preview(head, {
    ...given,
    storedSales: async (among) => {
      for (const id of among) ids.add(id)
      return given.storedSales(among)
    },
  })
  const { known, changed } = preview.stored
  // Without numbers a row that equals a sale of its own file would be taken for that one.
  if (known > 0 && preview.mapping['id'] === undefined) return { preview, lost: refusal('mended_known', known) }
  // A file does not change what it has brought itself: there, the number would be asked about.
  const taken = changed > 0 ? await storedByImport(context, row.id, { importId, among: [...ids] }) : 0
  return { preview, lost: taken > 0 ? refusal('mended_number', taken) : null }
}

function refusal(reason: string, rows: number): CrmError {
  return new CrmError('malformed', { reason, params: { known: String(rows) } })
}
