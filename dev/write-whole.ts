import { renameSync, writeFileSync } from 'node:fs'

/** A file that only we may read, and that is there whole or not at all, also when the start is killed meanwhile. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, path)
}
