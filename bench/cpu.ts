// How long processes were at work, as Linux counts it (`/proc/*/schedstat`).
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { OWN_SESSIONS } from './env.ts'

const schedstat = (process: string) => `/proc/${process}/schedstat`

/** False: this system does not tell how long a process was at work. */
export function tellsCpu(): boolean {
  return existsSync(schedstat('self'))
}

/** Milliseconds that the endpoint's sessions in this database were at work. */
export async function cpuOf(pool: pg.Pool, act: () => Promise<unknown>): Promise<number> {
  const before = await workedMs(pool)
  await act()
  const after = await workedMs(pool)
  return [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0)
}

async function workedMs(pool: pg.Pool): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and application_name <> $1`,
    [OWN_SESSIONS],
  )
  return new Map(rows.map(({ pid }) => [pid, workedMsOf(String(pid))]))
}

/** Milliseconds that all threads of a process were at work. */
export function processMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + workedMsOf(`${pid}/task/${thread}`), 0)
}

/** The first number is the time on a processor, in nanoseconds. */
function workedMsOf(process: string): number {
  try {
    return Number(readFileSync(schedstat(process), 'utf8').split(' ')[0]) / 1e6
  } catch {
    // The session has ended meanwhile.
    return 0
  }
}
