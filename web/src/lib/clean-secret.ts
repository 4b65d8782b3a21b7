/** What is pasted, without what comes along with it: spaces, line breaks and invisible characters around it. */
export function cleanSecret(text: string): string {
  return text.replaceAll(/[\u200B-\u200D\u2060\uFEFF]/g, '').trim()
}
