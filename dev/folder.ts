// The folder of a local environment, made and tried before anything starts in it.
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lockFolder } from '#dev/lock.ts'
import { SettingsError } from '#dev/settings.ts'

/** A new PostgreSQL and the first sync take about 90 MB; logs and the Worker's files come on top. */
const FREE_BYTES_MIN = 200 * 1024 * 1024
const ELSEWHERE = 'Choose another, for example DEV_DIR=/tmp/crm npm start'

/** Makes the folder and locks it until `release`. Throws SettingsError with a sentence for whatever is in the way. */
export async function openFolder(directory: string): Promise<{ readonly release: () => void }> {
  try {
    makeFolder(directory)
    const probe = join(directory, `probe-${process.pid}`)
    writeFileSync(probe, 'probe')
    rmSync(probe)
  } catch (error) {
    throw folderError(directory, error)
  }
  const lock = await lockFolder(directory)
  if ('release' in lock) {
    refuseFullDisk(directory, FREE_BYTES_MIN)
    return lock
  }
  throw new SettingsError(
    `DEV_DIR: another npm start (process ${lock.heldBy}) works in ${directory}. Stop that one first, or start beside it: DEV_DIR=.dev-2 PORT=8790 npm start`,
  )
}

/** Node's own `recursive` says ENOENT for a read-only disk, and never ends in /proc. */
function makeFolder(directory: string): void {
  const parent = dirname(directory)
  if (!existsSync(parent)) makeFolder(parent)
  if (!existsSync(directory)) mkdirSync(directory)
}

/** Throws SettingsError when less is free where the folder is. */
export function refuseFullDisk(directory: string, bytesMin: number): void {
  const { bavail, bsize } = statfsSync(directory)
  if (bavail * bsize >= bytesMin) return
  const [free, needed] = [bavail * bsize, FREE_BYTES_MIN].map((bytes) => Math.floor(bytes / 1024 / 1024))
  throw new SettingsError(
    `DEV_DIR: the disk of ${directory} is full: ${free} MB are free, ${needed} MB are needed. ${ELSEWHERE}`,
  )
}

/** An error of the file system as a sentence; any other error as it is. */
export function folderError(directory: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new SettingsError(`DEV_DIR: expected a folder, and ${directory} is a file or lies in one. ${ELSEWHERE}`)
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SettingsError(`DEV_DIR: the disk of ${directory} is full. ${ELSEWHERE}`)
  }
  if (code === 'EROFS') return new SettingsError(`DEV_DIR: the disk of ${directory} is read-only. ${ELSEWHERE}`)
  if (code === 'EACCES' || code === 'EPERM') {
    return new SettingsError(`DEV_DIR: this user may not write to ${directory}. ${ELSEWHERE}`)
  }
  if (code === 'ENOENT') return new SettingsError(`DEV_DIR: ${directory} cannot be made. ${ELSEWHERE}`)
  return error
}
