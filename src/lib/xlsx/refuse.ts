import { CrmError } from '#lib/crm-error.ts'

/** The sentences are in the message table of the connector that takes files. */
export type WorkbookFault = 'workbook_damaged' | 'workbook_too_large' | 'encrypted' | 'sheet_missing' | 'sheet_empty'

/** `malformed`, final: the same workbook would fail again. */
export function workbookError(
  reason: WorkbookFault,
  params: Readonly<Record<string, string>> = {},
  cause?: unknown,
): CrmError {
  return new CrmError('malformed', { reason, params, isFinal: true, cause })
}

export function refuse(...fault: Parameters<typeof workbookError>): never {
  throw workbookError(...fault)
}
