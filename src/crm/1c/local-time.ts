// The base's local time as 1C writes it, `YYYY-MM-DDTHH:mm:ss` without a zone. It sorts as text, and arithmetic treats
// it as UTC. Windows have borders in local time, so that no clock change can open a gap between two of them.

/** The latest date 1C knows. */
export const LAST_LOCAL_TIME = '3999-12-31T23:59:59'

export function addSeconds(localTime: string, seconds: number): string {
  return new Date(Date.parse(`${localTime}Z`) + seconds * 1000).toISOString().slice(0, 19)
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 1000
}
