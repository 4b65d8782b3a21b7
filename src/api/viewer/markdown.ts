// As much of Markdown as descriptions use: paragraphs, lists, `code`, **bold** and [links](#of-this-page).
import { type Html, markup } from './html.ts'

const INLINE = /`([^`]{1,200})`|\*\*([^*]{1,200})\*\*|\[([^\]]{1,200})\]\(([^)\s]{1,200})\)/g

export function markdown(text: string | undefined): readonly Html[] {
  if (!text) return []
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split('\n')
    return lines.every((line) => /^[-*] /.test(line))
      ? markup`<ul>
          ${lines.map((line) => markup`<li>${inline(line.slice(2))}</li>`)}
        </ul>`
      : markup`<p>${inline(block)}</p>`
  })
}

/** Without paragraphs, for a place that takes none. */
export function inline(text: string): readonly (Html | string)[] {
  const parts: (Html | string)[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, target = ''] = match
    parts.push(text.slice(end, match.index))
    end = match.index + whole.length
    if (code !== undefined) parts.push(markup`<code>${code}</code>`)
    else if (bold !== undefined) parts.push(markup`<b>${bold}</b>`)
    // Another scheme than these would be a link that acts.
    else if (/^(?:https:\/\/|[#/])/.test(target)) parts.push(markup`<a href="${target}">${label}</a>`)
    else parts.push(whole)
  }
  return [...parts, text.slice(end)]
}
