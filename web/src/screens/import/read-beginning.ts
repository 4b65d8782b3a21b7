/** The first characters of a body, up to the end of a line; the rest is not read. */
export async function readBeginning({ body }: Response, charactersMax: number): Promise<string> {
  if (!body) return ''
  const reader = body.pipeThrough(new TextDecoderStream('utf-8', { ignoreBOM: true })).getReader()
  for (let text = ''; ;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
    if (text.length < charactersMax) continue
    await reader.cancel()
    return text.slice(0, text.lastIndexOf('\n', charactersMax) + 1)
  }
}
