// A picture beside the one that is kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

const KEPT = join(import.meta.dirname, 'looks')
const DIFFERING = join(tmpdir(), 'crm-integrations-pictures')
/** Smoothed edges differ a little from processor to processor; a word that moved differs in more. */
const SHARE_MAX = 0.0005

/** Null where the page looks as it did, else what to look at. With `isRenewed` it becomes what the page looks like. */
export function differenceOf(name: string, picture: Buffer, isRenewed: boolean): string | null {
  const path = join(KEPT, `${name}.png`)
  if (isRenewed) {
    mkdirSync(KEPT, { recursive: true })
    writeFileSync(path, picture)
    return null
  }
  if (!existsSync(path)) return `${name}: there is no picture of it`
  const [kept, now] = [PNG.sync.read(readFileSync(path)), PNG.sync.read(picture)]
  const { width, height } = kept
  if (width !== now.width || height !== now.height) return `${name}: it has another size`
  const shown = new PNG({ width, height })
  const share = pixelmatch(kept.data, now.data, shown.data, width, height) / (width * height)
  if (share <= SHARE_MAX) return null
  mkdirSync(DIFFERING, { recursive: true })
  const [file, marked] = [join(DIFFERING, `${name}.png`), join(DIFFERING, `${name}-difference.png`)]
  writeFileSync(file, picture)
  writeFileSync(marked, PNG.sync.write(shown))
  return `${name}: ${(share * 100).toFixed(2)} % of it differs, see ${file} and ${marked}`
}
