import type { components } from '#client/schema.ts'

type Run = components['schemas']['Run']

/** The run to show the progress of, from the newest runs. One that the schedule put in line ahead has not begun. */
export function activeRun(runs: readonly Run[], now: Date): Run | null {
  const isActive = ({ status, finishedAt, resumeAt }: Run) =>
    finishedAt === null && (status !== 'queued' || resumeAt === null || Date.parse(resumeAt) <= now.getTime())
  return runs.find(isActive) ?? null
}
