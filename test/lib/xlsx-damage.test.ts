// Workbooks that are broken, hostile or something else end in a refusal, and never in memory.
import { TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js'
import { describe, expect, it } from 'vitest'
import { isPacked, openSheet } from '#lib/xlsx/index.ts'
import { csvOf, refusalOf, sourceOf, stylesOf, workbookOf } from '#test/workbooks.ts'
import { type ZipPart, zipOf } from '#test/zip.ts'

const rowOf = (value: string) => `<row r="1"><c r="A1"><v>${value}</v></c><c r="B1"><v>1</v></c></row>`

describe('a workbook', () => {
  const sheets = [{ rows: rowOf('1') }]

  it('is refused when it is locked, or packed as nothing can unpack', async () => {
    const locked = await workbookOf({ sheets, parts: [{ path: 'xl/worksheets/sheet1.xml', content: 'x', flags: 1 }] })
    expect(await refusalOf(locked)).toBe('encrypted')
    const deflate64 = [{ path: 'xl/worksheets/sheet1.xml', content: 'x', method: 9 }]
    expect(await refusalOf(await workbookOf({ sheets, parts: deflate64 }))).toBe('workbook_damaged')
  })

  it('is another archive when no part is its workbook', async () => {
    for (const path of ['xl/workbook.bin', 'mimetype', 'word/document.xml', 'sales.csv']) {
      const file = await zipOf([{ path, content: 'x' }])
      expect([isPacked(file), await openSheet(sourceOf(file), { sheet: null, delimiter: ';' })]).toEqual([true, null])
    }
  })

  it('may have stored parts', async () => {
    const content = `<worksheet><sheetData>${rowOf('5')}</sheetData>${' '.repeat(200_000)}</worksheet>`
    const parts = [{ path: 'xl/worksheets/sheet1.xml', content, isStored: true }]
    expect(await csvOf(await workbookOf({ sheets, parts }))).toBe('\ufeff5;1\n')
  })

  it('may be a 64-bit archive, written as a stream', async () => {
    const writer = new ZipWriter(new Uint8ArrayWriter(), { zip64: true, dataDescriptor: true, useWebWorkers: false })
    const parts = {
      'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="w"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': '<a><Relationship Id="w" Type="x/worksheet" Target="sheet.xml"/></a>',
      'xl/sheet.xml': `<worksheet><sheetData>${rowOf('5')}</sheetData></worksheet>`,
    }
    for (const [path, content] of Object.entries(parts)) await writer.add(path, new TextReader(content))
    expect(await csvOf(await writer.close())).toBe('\ufeff5;1\n')
  })

  it('is refused when its parts are not what it says', async () => {
    const path = 'xl/worksheets/sheet1.xml'
    const content = `<worksheet><sheetData>${rowOf('5')}</sheetData></worksheet>`
    const lies: ZipPart[][] = [
      [{ path, content, crc: 1 }],
      [{ path, content, size: 5 }],
      [{ path, content, size: 50_000 }],
      [
        { path, content },
        { path: path.toUpperCase(), content },
      ],
      [{ path, content: content.slice(0, -20) }],
      [{ path, content: `<!DOCTYPE x [<!ENTITY a "b">]>${content}` }],
      [{ path, content: content.replace('<v>5', '<v>&a;5') }].slice(1),
      [{ path, content: `<a>`.repeat(100) }],
      [{ path, content: content.replace('<row r="1">', '<row r="0">') }],
      [{ path, content: content.replace('r="B1"', 'r="A1"') }],
      [{ path, content: content.replace('r="B1"', 'r="B2"') }],
      [{ path, content: content.replace('r="B1"', 'r="ZZZ1"') }],
      [{ path, content: content.replace('r="B1"', 't="s"') }],
      [{ path, content: new Uint8Array([...new TextEncoder().encode('<worksheet>'), 0xff, 0xfe, 0x3c]) }],
    ]
    const reasons = await Promise.all(
      lies.filter((parts) => parts.length > 0).map(async (parts) => refusalOf(await workbookOf({ sheets, parts }))),
    )
    expect(new Set(reasons)).toEqual(new Set(['workbook_damaged']))
  })

  it('is refused before it fills the memory', async () => {
    const path = 'xl/worksheets/sheet1.xml'
    const zeros = new Uint8Array(3_000_000)
    const bombs: ZipPart[] = [
      { path, content: zeros },
      { path, content: 'x', size: 2 ** 31 },
      { path: 'xl/sharedStrings.xml', content: 'x', size: 40 * 2 ** 20 },
      { path: 'xl/styles.xml', content: 'x', size: 2 ** 30 },
    ]
    const reasons = await Promise.all(
      bombs.map(async (bomb) => refusalOf(await workbookOf({ sheets, strings: ['a'], parts: [bomb] }))),
    )
    expect(reasons).toEqual(bombs.map(() => 'workbook_too_large'))
    // A tag that never ends.
    const noise = Array.from({ length: 700_000 }, (_, n) => String.fromCharCode(97 + ((n * n * 7919) % 26))).join('')
    const endless = await workbookOf({ sheets, parts: [{ path, content: `<worksheet a="${noise}"/>` }] })
    expect(await refusalOf(endless)).toBe('workbook_damaged')
    const huge = { bytes: 60 * 2 ** 20, read: async () => new Uint8Array(0) }
    await expect(openSheet(huge, { sheet: null, delimiter: ';' })).rejects.toMatchObject({
      reason: 'workbook_too_large',
    })
  })

  it('ends in a CSV or a refusal, whatever its bytes are', async () => {
    const file = await workbookOf({ sheets, strings: ['a', 'b'], formats: [14, '0.00'] })
    const outcomes = new Set<string | null>()
    for (let at = 0; at < file.byteLength; at += 29) {
      const damaged = file.slice()
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      outcomes.add(await refusalOf(damaged))
      if (at % 87 === 0) outcomes.add(await refusalOf(file.subarray(0, at)))
    }
    expect(
      [...outcomes].every(
        (reason) =>
          reason === null || reason.startsWith('workbook_') || reason === 'sheet_missing' || reason === 'no_workbook',
      ),
    ).toBe(true)
    expect(outcomes.size).toBeGreaterThan(2)
  })

  it('lets the failure of its store through as it is', async () => {
    const file = await workbookOf({
      sheets,
      parts: [{ path: 'xl/styles.xml', content: stylesOf([14]), isStored: true }],
    })
    for (let failing = 1; ; failing += 1) {
      let reads = 0
      const read = async (from: number, bytes: number) => {
        reads += 1
        if (reads === failing) throw new Error('the store is down')
        return file.subarray(from, from + bytes)
      }
      const done = csvOf({ bytes: file.byteLength, read })
      const outcome = await done.catch((error: unknown) => error)
      if (typeof outcome === 'string') break
      expect(outcome).toMatchObject({ message: 'the store is down' })
    }
  })
})
