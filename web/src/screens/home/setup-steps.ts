// The steps for webhooks, cut at what a person has to copy: the address, and the secret, a long word of letters and
// digits. The API sends one text with both in it.

export interface StepPart {
  readonly text: string
  readonly isCopyable: boolean
}

/** A mark after the address belongs to the sentence. */
const COPIED = /https?:\/\/\S*[^\s.,;:)]|[\w-]{24,}={0,2}/g

export function stepParts(text: string): readonly StepPart[] {
  const parts: StepPart[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(COPIED)) {
    parts.push({ text: text.slice(end, index), isCopyable: false }, { text: found, isCopyable: true })
    end = index + found.length
  }
  return [...parts, { text: text.slice(end), isCopyable: false }].filter((part) => part.text !== '')
}
