// Both systems as those who start them and their parts hold them: one café's books, and what can be set while they run.
import type { Hono } from 'hono'
import type { Hooks } from '#sandbox/hooks.ts'
import type { Cafe } from '#sandbox/iiko/cafe.ts'
import type { CloudState } from '#sandbox/iiko/cloud.ts'
import type { ServerState } from '#sandbox/iiko/server.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'

export interface IikoSandbox extends Sandbox {
  readonly app: Hono
  readonly cafe: Cafe
  readonly requests: string[]
  readonly hooks: Hooks
  readonly cloud: CloudState
  readonly server: ServerState
}
