import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

/**
 * Ends the output with the plain line `N passed, N failed`; a run that executed nothing, or broke outside a test,
 * fails.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1
      }
      const brokeOutsideTests = module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')
      if (brokeOutsideTests) counts.failed += 1
    }
    if (counts.passed + counts.failed === 0 || (reason === 'failed' && counts.failed === 0)) counts.failed += 1
    process.once('exit', () => {
      if (counts.failed > 0) process.exitCode = 1
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
    })
  }
}
