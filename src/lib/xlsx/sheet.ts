// The XML of a sheet → CSV. A row of the sheet is a line, so that both have one number; rows without values are blank
// lines.
import { CELL_CHARACTERS_MAX, cleanText, numberText } from '#lib/xlsx/cell-text.ts'
import type { CsvWriter } from '#lib/xlsx/csv-writer.ts'
import { refuse } from '#lib/xlsx/refuse.ts'
import type { SharedStrings } from '#lib/xlsx/shared-strings.ts'
import type { FormatOf } from '#lib/xlsx/styles.ts'
import type { Attributes, XmlHandler } from '#lib/xlsx/xml.ts'

const ROWS_MAX = 1_048_576
const COLUMNS_MAX = 16_384

export interface SheetParts {
  readonly strings: SharedStrings
  readonly formatOf: FormatOf
  readonly is1904: boolean
}

interface Cell {
  readonly column: number
  readonly type: string
  readonly style: number
  value: string | null
  inline: string | null
  formula: string | null
}

/** Throws CrmError `malformed` for rows or cells out of order, which the sheet would show elsewhere. */
export function createSheetHandler(parts: SheetParts, writer: CsvWriter): XmlHandler {
  const rows = createRows(parts, writer)
  let [isInside, isHint] = [false, false]
  let cell: Cell | null = null
  let target: 'value' | 'inline' | 'formula' | null = null
  return {
    open: (name, attributes) => {
      if (name === 'sheetData') isInside = true
      if (!isInside) return
      if (name === 'row') rows.begin(attributes)
      else if (name === 'c') cell = rows.beginCell(attributes)
      else if (cell) {
        if (name === 'rPh') isHint = true
        target = isHint ? null : targetOf(name)
        if (target !== null) cell[target] ??= ''
      }
    },
    text: (piece) => {
      if (!cell || target === null) return
      const before = cell[target] ?? ''
      if (before.length < CELL_CHARACTERS_MAX) cell[target] = before + piece
    },
    close: (name) => {
      if (!isInside) return
      target = null
      if (name === 'c' && cell) {
        rows.endCell(cell)
        cell = null
      }
      if (name === 'rPh') isHint = false
      if (name === 'row') rows.end()
      if (name === 'sheetData') isInside = false
    },
  }
}

function createRows(parts: SheetParts, writer: CsvWriter) {
  let [row, column] = [0, -1]
  let [hasNumber, isBegun] = [false, false]
  return {
    begin: ({ r }: Attributes) => {
      const last = row
      row = r === undefined ? last + 1 : Number(r)
      if (!Number.isInteger(row) || row <= last || row > ROWS_MAX) refuse('workbook_damaged')
      column = -1
      hasNumber = r !== undefined
      isBegun = false
    },
    beginCell: ({ r, t = 'n', s = '0' }: Attributes): Cell => {
      const at = r === undefined ? { column: column + 1, row } : readReference(r)
      // Some programs leave the number out of the row and have it in its cells.
      if (!hasNumber && column < 0 && at.row > row && at.row <= ROWS_MAX) row = at.row
      if (at.column <= column || at.column >= COLUMNS_MAX || at.row !== row) refuse('workbook_damaged')
      column = at.column
      return { column, type: t, style: Number(s), value: null, inline: null, formula: null }
    },
    endCell: (cell: Cell) => {
      const text = textOf(cell, parts)
      if (text.length === 0) return
      if (!isBegun) writer.toLine(row)
      isBegun = true
      writer.cell(cell.column, text)
    },
    end: () => {
      if (isBegun) writer.endRow()
    },
  }
}

function targetOf(name: string): 'value' | 'inline' | 'formula' | null {
  if (name === 'v') return 'value'
  if (name === 't') return 'inline'
  return name === 'f' ? 'formula' : null
}

/** `AB12`; `$` before the letters or digits means nothing here. By character, since every cell has one. */
function readReference(reference: string): { readonly column: number; readonly row: number } {
  let [column, row] = [0, 0]
  for (let at = 0; at < reference.length; at += 1) {
    const code = reference.charCodeAt(at)
    const letter = (code & 0xdf) - 64
    if (code >= 48 && code <= 57) row = row * 10 + code - 48
    else if (letter >= 1 && letter <= 26 && row === 0) column = column * 26 + letter
    else if (code !== 36) refuse('workbook_damaged')
  }
  if (column === 0 || row === 0) refuse('workbook_damaged')
  return { column: column - 1, row }
}

function textOf({ type, style, value, inline, formula }: Cell, { strings, formatOf, is1904 }: SheetParts) {
  const text = value ?? inline
  // A formula that was never calculated has no value; an empty cell would hide that.
  if (text === null || (text === '' && formula !== null && type === 'n')) {
    return formula === null ? '' : cleanText(`=${formula}`)
  }
  if (type === 's' && value !== null) return value === '' ? '' : strings(Number(value))
  if (type === 'b') return text.trim() === '1' || text.trim() === 'true' ? 'TRUE' : 'FALSE'
  if (type === 'n' && value !== null) return text === '' ? '' : numberText(text, formatOf(style), is1904)
  return cleanText(text)
}
