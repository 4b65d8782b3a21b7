import type { Principal } from '#api/auth/verify-token.ts'
import type { Quota } from '#lib/quotas.ts'
import type { Context } from '#context.ts'

export interface HonoEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** The path of the route in its OpenAPI form; unset when no route matches. */
    path?: string
    /** What a call of the route counts as; unset when no route matches. */
    quota?: Quota
    context: Context
    principal: Principal
  }
}
