import { defineConfig } from 'vitest/config'

// A gate's step of its own: it compiles and tests a whole copy, which takes half a minute.
export default defineConfig({ test: { root: import.meta.dirname, include: ['*.test.ts'] } })
