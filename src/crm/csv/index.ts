// CSV: files that people upload, and one that is pulled from an https address. Promises that every file ends in sales,
// rejected rows or a clear refusal, and that the same rows in any file and order are the same sales.
import type { Connector } from '#crm/connector.ts'
import { check } from '#crm/csv/check.ts'
import { beginFile, Cursor } from '#crm/csv/cursor.ts'
import { FORM } from '#crm/csv/form.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { Plan, SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { checkHead, preview } from '#crm/csv/preview.ts'
import { pull } from '#crm/csv/pull.ts'
import { decideRow, RULES } from '#crm/csv/rules.ts'
import { isRejectedFile, readRejectedFile } from '#crm/csv/rejected-file.ts'
import { SAMPLE_FILE } from '#crm/csv/sample-file.ts'
import { FormatSettings, Settings, sheetOf } from '#crm/csv/settings.ts'
import { readTable } from '#crm/csv/table.ts'

export const csv: Connector<Settings, Cursor> = {
  type: 'csv',
  title: 'CSV',
  mapVersion: 1,
  credentials: [],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  isFileAddress: true,
  isAccountless: true,
  defaultApiUrl: () => null,
  pace: { requestsPerSecond: 1, concurrency: 1, timeoutMs: 30_000, throttleMinimumMs: 60_000, hosts: null },
  capabilities: { webhooks: false, backfill: false, fetchOne: false },
  messages: MESSAGES,
  rules: RULES,
  storedRule: (sale) => decideRow(sale).rule,
  check,
  pull,
  imports: {
    headBytes: SAMPLE_BYTES,
    sample: SAMPLE_FILE,
    check: checkHead,
    checkTable: (head, settings) => void readTable(head, settings),
    isRejected: isRejectedFile,
    readRejected: readRejectedFile,
    preview,
    format: FormatSettings,
    sheetOf,
    begin: (file, plan, now) => ({
      ...{ version: 1, upload: file.id, storedVersion: null, keptFileId: null },
      file: beginFile(file, null, now, Plan.parse(plan)),
    }),
  },
}
