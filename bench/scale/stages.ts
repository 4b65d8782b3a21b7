/** Where a run is. The names say what its next event does. */
export const STAGE = { idle: 0, sent: 1, begin: 2, take: 3, lease: 4, call: 5, end: 6, finished: 7 } as const
