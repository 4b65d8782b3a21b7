import { BaseSequencer, type TestSpecification } from 'vitest/node'

const LONGEST = /\/test\/e2e\b/

/** What starts whole environments waits most of its time: begun first, it ends beside the rest instead of after it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the order that it has by default
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
