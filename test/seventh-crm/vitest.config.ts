import { defineConfig } from 'vitest/config'

// A gate's step of its own: it compiles and tests a whole copy, which is as long as a fifth of all other tests.
export default defineConfig({ test: { root: import.meta.dirname, include: ['*.test.ts'] } })
