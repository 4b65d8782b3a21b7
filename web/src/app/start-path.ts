// Which screen a person sees first, and instead of one that is not for him.
import type { Permission } from '#web/app/context.ts'
import type { ScreenEntry } from '#web/app/screens.ts'

export interface Visitor {
  readonly permissions: readonly Permission[]
  /** The link asks for new credentials of a stored account. */
  readonly isReconnect: boolean
  readonly hasIntegration: boolean
}

const HOME = '/'
export const NOTHING_CONNECTED = '/nothing-connected'

export function startPath({ permissions, isReconnect, hasIntegration }: Visitor): string {
  const canConnect = permissions.includes('connect')
  if (isReconnect && canConnect) return '/reconnect'
  if (hasIntegration) return HOME
  return canConnect ? '/choose' : NOTHING_CONNECTED
}

export function mayOpen(screen: ScreenEntry, { permissions, isReconnect, hasIntegration }: Visitor): boolean {
  if (isReconnect && screen.isChange) return false
  return (screen.needs === null || permissions.includes(screen.needs)) && (hasIntegration || !screen.needsIntegration)
}

/** The longest path that the address begins with, so that `/connect/yclients` is `/connect`. */
export function screenAt(screens: readonly ScreenEntry[], path: string): ScreenEntry | null {
  const matches = screens.filter(
    (screen) => path === screen.path || (screen.path !== HOME && path.startsWith(`${screen.path}/`)),
  )
  return matches.toSorted((a, b) => b.path.length - a.path.length)[0] ?? null
}
