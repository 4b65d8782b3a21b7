/** A key as it was copied: without the spaces, line breaks, quotes and invisible characters around it. */
export function cleanSecret(text: string): string {
  return text
    .replaceAll(/[\u200B-\u200D\u2060\uFEFF]/g, '')
    .trim()
    .replace(/^(["'«“`])(.*)(["'»”`])$/s, '$2')
    .trim()
}
