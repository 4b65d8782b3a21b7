// A small file to copy from: the columns that help most, and rows of each kind.
import type { LocalizedText } from '#crm/contract.ts'
import { csvLine } from '#lib/csv-cell.ts'

const BOM = '\ufeff'

const RU = [
  ['Номер заказа', 'Дата и время', 'Сумма', 'Операция', 'Клиент', 'Телефон'],
  ['1001', '28.02.2026 10:15', '1500', 'Продажа', 'Анна Петрова', '+7 900 000-00-01'],
  ['1002', '28.02.2026 12:40', '350', 'Продажа', '', ''],
  ['1003', '31.03.2026 18:05', '350', 'Возврат', '', ''],
]

const EN = [
  ['Order number', 'Date', 'Amount', 'Type', 'Customer', 'Phone'],
  ['1001', '2026-02-28 10:15', '1500', 'Sale', 'Ann Peterson', '+1 212 555 0101'],
  ['1002', '2026-02-28 12:40', '350', 'Sale', '', ''],
  ['1003', '2026-03-31 18:05', '350', 'Refund', '', ''],
]

/** Excel opens the one in Russia and the other elsewhere. */
export const SAMPLE_FILE: LocalizedText = { ru: fileOf(RU, ';'), en: fileOf(EN, ',') }

function fileOf(rows: readonly (readonly string[])[], delimiter: string): string {
  return BOM + rows.map((row) => csvLine(row, delimiter)).join('')
}
