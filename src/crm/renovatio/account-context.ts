// What is known of one installation: its client, zone and currency, the names of its clinics.
import type { Session } from '#crm/contract.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { clientOf, type RenovatioClient } from '#crm/renovatio/client.ts'
import type { ClinicContext } from '#crm/renovatio/map.ts'
import { isClosed } from '#crm/renovatio/refusal.ts'
import type { Clinic } from '#crm/renovatio/schema.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

export interface AccountContext extends ClinicContext {
  readonly session: Session<Settings>
  readonly client: RenovatioClient
  /** The installation's zone; periods of requests are written in it. */
  readonly zone: string
  readonly storedSales: Session<Settings>['storedSales']
}

export function createAccountContext(session: Session<Settings>, clinics: ClinicContext['clinics']): AccountContext {
  const { settings, fallback } = session
  const zone = settings.timezone ?? fallback.timezone
  const currency = settings.currency ?? fallback.currency
  return {
    ...{ session, client: clientOf(session), zone, clinics },
    storedSales: async (among) => session.storedSales(among),
    zoneOf: (clinicId) => (clinicId === null ? zone : (settings.timezones[clinicId] ?? zone)),
    currency,
    callingCode: callingCodeOf({ currency, timezone: zone }),
  }
}

export function titlesOf(clinics: readonly Clinic[]): ClinicContext['clinics'] {
  return Object.fromEntries(clinics.map(({ id, title }) => [id, title]))
}

/** Names of clinics are optional: a key that may not read them is enough. */
export async function readTitles(client: RenovatioClient): Promise<ClinicContext['clinics']> {
  try {
    return titlesOf(await client.clinics())
  } catch (error) {
    if (isClosed(error)) return {}
    throw error
  }
}

/** True for every clinic when the settings name none, and for records that name no clinic. */
export function isOurs({ session }: AccountContext, clinicId: string | null): boolean {
  const { clinicIds } = session.settings
  return clinicId === null || clinicIds.length === 0 || clinicIds.includes(clinicId)
}
