// The vendors' side of the simulation. Limits are the connectors' own; shares of integrations, calls beside the
// measured ones and latencies are assumptions, in one place.
import { connectorOf } from '#crm/registry.ts'
import { CRM_TYPES, type CrmType } from '#lib/crm-types.ts'
import type { SharedLimits } from '#lib/permits.ts'

interface Profile {
  /** Of a hundred integrations. */
  readonly share: number
  readonly idleCalls: number
  /** More calls for the wide scan of a night. */
  readonly wideCalls: number
  readonly latencyMs: number
  /** Of an idle sync, from `--only unit`: requests to Neon, its own taking included, and PostgreSQL's CPU. */
  readonly requests: number
  readonly databaseMs: number
  readonly hooksADay: number
  /** The limit counts by egress address: all integrations of a group share it. */
  readonly isByAddress?: true
}

export interface Vendor extends Profile {
  readonly type: CrmType
  /** Between two calls of a session that keeps its own pace. */
  readonly gapMs: number
  /** The hour at which its nights begin. */
  readonly nightFromHour: number
  /** Null: the customer runs the server, and its sessions keep their own pace. */
  readonly limits: SharedLimits | null
  readonly hookCalls: number
}

const PROFILES: Readonly<Partial<Record<CrmType, Profile>>> = {
  yclients: {
    ...{ share: 40, idleCalls: 2, wideCalls: 20, latencyMs: 300, hooksADay: 40, isByAddress: true },
    ...{ requests: 4, databaseMs: 5.6 },
  },
  amo_crm: {
    ...{ share: 20, idleCalls: 3, wideCalls: 15, latencyMs: 250, hooksADay: 60 },
    ...{ requests: 2, databaseMs: 3.4 },
  },
  iiko: {
    ...{ share: 15, idleCalls: 5, wideCalls: 20, latencyMs: 500, hooksADay: 80 },
    ...{ requests: 4, databaseMs: 6.4 },
  },
  renovatio: {
    ...{ share: 10, idleCalls: 3, wideCalls: 12, latencyMs: 400, hooksADay: 0 },
    ...{ requests: 4, databaseMs: 5.5 },
  },
  '1c': {
    ...{ share: 15, idleCalls: 1, wideCalls: 15, latencyMs: 1200, hooksADay: 0 },
    ...{ requests: 3, databaseMs: 4.8 },
  },
}

export const VENDORS: readonly Vendor[] = CRM_TYPES.flatMap((type) => {
  const profile = PROFILES[type]
  const { sharedLimit, pace, nightFromHour = 0 } = connectorOf(type)
  const { requestsPerSecond, burst = 0 } = pace
  const limits = sharedLimit ? { ...sharedLimit, gapMs: 1000 / requestsPerSecond, burst, outageMs: 30_000 } : null
  const gapMs = burst > 0 ? 0 : 1000 / requestsPerSecond
  const hookCalls = sharedLimit?.hookCalls ?? 1
  return profile ? [{ ...profile, type, gapMs, nightFromHour, limits, hookCalls }] : []
})

/** Equally likely parts of the usual latency, in per cent: one in a hundred takes ten times as long. */
export const LATENCY_PERCENT = Int32Array.from({ length: 100 }, (_, index) =>
  index === 99 ? 1000 : index >= 90 ? 250 : 60 + index,
)
