// oxlint-disable-next-line eslint/no-restricted-imports -- the migrations' own list, which lies beside the sources
import journal from '../../migrations/meta/_journal.json' with { type: 'json' }

/** Of the migrations that this Worker knows. */
const VERSIONS: readonly number[] = journal.entries.map(({ when }) => when)

/** How many of them a database lacks whose newest one is of this time. */
export function pendingMigrations(newest: number): number {
  return VERSIONS.filter((version) => version > newest).length
}
