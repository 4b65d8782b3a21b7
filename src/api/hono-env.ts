import type { Principal } from '#api/auth/verify-token.ts'
import type { Context } from '#context.ts'

export interface HonoEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** The path of the route in its OpenAPI form; unset when no route matches. */
    path?: string
    context: Context
    principal: Principal
  }
}
