// An upload in parts that was broken off: what this browser remembers of it, so that the same file goes on where it
// stopped. It holds the name of the file and nothing of its content.
import type { BegunUpload } from '#client/index.ts'

export interface Interrupted extends BegunUpload {
  readonly name: string
  readonly bytes: number
  readonly changedAt: number
  readonly begunAt: number
}

/** `localStorage`, which may refuse every call. */
export interface Memory {
  readonly getItem: (key: string) => string | null
  readonly setItem: (key: string, value: string) => void
  readonly removeItem: (key: string) => void
}

/** The API keeps an open upload for a day. */
const KEPT_MS = 24 * 60 * 60_000

const keyOf = (integrationId: string) => `crm-import:${integrationId}`

export function remember(memory: Memory, integrationId: string, upload: Interrupted): void {
  try {
    memory.setItem(keyOf(integrationId), JSON.stringify(upload))
  } catch {
    // Without a memory an upload begins anew.
  }
}

export function forget(memory: Memory, integrationId: string): void {
  try {
    memory.removeItem(keyOf(integrationId))
  } catch {
    // There is none to forget.
  }
}

/** Null: none, or too old to go on. */
export function recall(memory: Memory, integrationId: string, now: number): Interrupted | null {
  try {
    const text = memory.getItem(keyOf(integrationId))
    if (text === null) return null
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
    const upload = JSON.parse(text) as Interrupted
    return now - upload.begunAt < KEPT_MS ? upload : null
  } catch {
    return null
  }
}

export function isSameFile({ name, bytes, changedAt }: Interrupted, file: File): boolean {
  return name === file.name && bytes === file.size && changedAt === file.lastModified
}

/** 0 to 1. */
export function shareSent({ partBytes, parts, bytes }: Interrupted): number {
  return Math.min((parts.length * partBytes) / bytes, 1)
}
