// What single reads need to know of an account, read once a session.
import type { Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { type Cloud, createCloud } from '#crm/iiko/cloud.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import type { Rules } from '#crm/iiko/map.ts'
import {
  chooseOrganizations,
  nonEmpty,
  paymentTypesOf,
  terminalsOf,
  toRestaurant,
  zoneOf,
} from '#crm/iiko/restaurants.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export interface Account {
  readonly cloud: Cloud
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  readonly rules: Rules
  /** The key opens other restaurants too. */
  readonly isPart: boolean
}

export const openAccountOnce = oncePerSession(async (session: Session<Settings>): Promise<Account> => {
  const { settings } = session
  const cloud = createCloud(session)
  const granted = await cloud.organizations()
  const organizations = chooseOrganizations(granted, settings)
  const ids = organizations.map(({ id }) => id)
  const groups = settings.timezone === undefined ? await terminalsOf(cloud, ids) : []
  const restaurants = organizations.map((organization) => {
    const own = groups.filter(({ organizationId }) => organizationId === organization.id)
    return toRestaurant(session, organization, zoneOf(own))
  })
  const { paymentTypes } = await paymentTypesOf(cloud, ids)
  const isPart = organizations.length < granted.length
  return { cloud, restaurants: nonEmpty(restaurants), rules: { ...settings, paymentTypes }, isPart }
})
