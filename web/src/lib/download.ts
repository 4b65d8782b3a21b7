// Saves what the API answers as a file of the person. A link alone would not carry the token.
import { type Client, refusalOf } from '#client/index.ts'

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

interface Download {
  readonly path: string
  /** Of the file. */
  readonly name: string
  readonly signal: AbortSignal
}

/** Throws ProblemError, and what fetch throws. */
export async function download(client: Client, { path, name, signal }: Download): Promise<void> {
  const response = await client.send(path, { signal })
  if (!response.ok) throw await refusalOf(response)
  saveBlob(await response.blob(), name)
}
