// Workbooks uploaded through the service in plain workerd: how fast a sheet becomes CSV, and that a large one takes no
// more memory than its texts do.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { measureUpload } from './csv.ts'
import type { OpenDatabase } from './database.ts'
import { addIntegration, withEnv } from './env.ts'
import { serveFiles } from './files.ts'
import { type Line, spreadOf } from './measure.ts'
import { writeWorkbook } from './xlsx-file.ts'

const MIB = 1024 * 1024
const SMALL_ROWS = 1000
/** Letters of a comment: with the most rows, the most texts that are read. */
const LETTERS = 8
/** An isolate's own limit: texts of 32 MB, parts of the files on their way in and out, V8's heap. */
const MORE_MIB_MAX = 128

export async function measureXlsx(open: OpenDatabase, { rows }: { readonly rows: number }): Promise<Line[]> {
  return withEnv(open, async (env) => {
    const files = await serveFiles(join(env.directory, 'files'))
    try {
      const upload = async (count: number) => {
        const path = join(env.directory, 'sales.xlsx')
        await writeWorkbook(path, count, LETTERS)
        const measured = await measureUpload(env, files, { ...(await addIntegration(env.pool, 'csv')), path })
        return { ...measured, mib: statSync(path).size / MIB }
      }
      const small = await upload(SMALL_ROWS)
      const large = await upload(rows)
      const of = (what: string, value: number, unit: string, budget: Line['budget'] = null): Line => ({
        ...{ name: `xlsx ${what}, ${large.mib.toFixed(1)} MB, ${rows.toLocaleString('en')} rows`, unit, budget },
        value: spreadOf([value]),
      })
      return [
        of('upload', large.mib / large.seconds, 'MB/s'),
        of('as CSV', large.kib / 1024, 'MB'),
        of('upload, peak memory of workerd', large.peak, 'MiB'),
        of('upload, more than a small one’s', Math.max(large.peak - small.peak, 0), 'MiB', {
          kind: 'most',
          value: MORE_MIB_MAX,
        }),
      ]
    } finally {
      await files.close()
    }
  })
}
