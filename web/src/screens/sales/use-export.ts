import { useState } from 'preact/hooks'
import { refusalOf } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { saveBlob } from '#web/lib/download.ts'
import { apiFilter, type SalesFilter } from '#web/screens/sales/filter.ts'

const FILE_NAME = 'sales.csv'

/** Downloads the sales of a filter. The token goes in a header, so the browser cannot fetch the file by a link. */
export function useExport(filter: SalesFilter) {
  const { client } = useApp()
  const { id } = useIntegration()
  const [bytes, setBytes] = useState(0)
  const download = useAction(async (signal) => {
    setBytes(0)
    const query = new URLSearchParams({ ...apiFilter(filter), format: 'csv' })
    const response = await client.send(`/v1/integrations/${id}/transactions/export?${query}`, { signal })
    if (!response.ok || !response.body) throw await refusalOf(response)
    saveBlob(await readAll(response.body, setBytes), FILE_NAME)
  })
  return { kilobytes: Math.round(bytes / 1000), download }
}

async function readAll(body: ReadableStream<Uint8Array>, onProgress: (bytes: number) => void): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(chunks, { type: 'text/csv' })
    chunks.push(new Uint8Array(value))
    bytes += value.byteLength
    onProgress(bytes)
  }
}
