import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node'

/** For the log of a gate of which only the end is kept: file, test and the first line of why. */
function told(where: TestModule | TestCase, why: string | undefined): string {
  const file = where.type === 'module' ? where.relativeModuleId : where.module.relativeModuleId
  const test = where.type === 'module' ? 'outside its tests' : where.fullName
  return `failed: ${file}: ${test}: ${(why ?? 'no reason given').split('\n', 1)[0]}`
}

/**
 * Ends the output with the failed tests, a line each, and the plain line `N passed, N failed`; a run that executed
 * nothing, or broke outside a test, fails.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly { readonly message: string }[],
    reason: TestRunEndReason,
  ): void {
    const counts = { passed: 0, skipped: 0 }
    const failed = errors.map(({ message }) => `failed: outside of any file: ${message.split('\n', 1)[0]}`)
    for (const module of modules) {
      const failedBefore = failed.length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'failed') failed.push(told(test, result.errors[0]?.message))
        else if (result.state !== 'pending') counts[result.state] += 1
      }
      const brokeOutsideTests = module.state() === 'failed' && failed.length === failedBefore
      if (brokeOutsideTests) failed.push(told(module, module.errors()[0]?.message))
    }
    if (counts.passed + failed.length === 0) failed.push('failed: no test ran')
    if (reason === 'failed' && failed.length === 0) failed.push('failed: the run, for no reason that was told')
    process.once('exit', () => {
      if (failed.length > 0) process.exitCode = 1
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
      console.log([...failed, `${counts.passed} passed, ${failed.length} failed${skipped}`].join('\n'))
    })
  }
}
