/** Vite's, which vitest has: the files of a pattern by their paths. */
interface ImportMeta {
  glob<T>(pattern: string, options: { query: string; import: string; eager: true }): Record<string, T>
}
