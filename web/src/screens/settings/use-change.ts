import { unwrap } from '#client/problem.ts'
import type { components } from '#client/schema.ts'
import { toast } from '#web/app/announce.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'

type UpdateIntegration = components['schemas']['UpdateIntegration']

interface Change {
  readonly body: UpdateIntegration
  /** Said once it is done. */
  readonly done: string
}

/** Changes the integration. The service tests a connection before it switches sync on. */
export function useChange() {
  const { client, setIntegration } = useApp()
  const { id } = useIntegration()
  return useAction(async (signal, { body, done }: Change) => {
    setIntegration(await unwrap(client.PATCH('/v1/integrations/{id}', { params: { path: { id } }, body, signal })))
    toast({ tone: 'success', text: done })
  })
}
