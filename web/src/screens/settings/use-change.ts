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
  /** Of what the person saw: refused when somebody else has changed the settings since. */
  readonly etag?: string | null
}

/** Changes the integration. The service tests new settings before it keeps them with sync on. */
export function useChange(onDone: () => void = () => undefined) {
  const { client, setIntegration } = useApp()
  const { id } = useIntegration()
  return useAction(async (signal, { body, done, etag = null }: Change) => {
    const params = { path: { id }, ...(etag !== null && { header: { 'If-Match': etag } }) }
    setIntegration(await unwrap(client.PATCH('/v1/integrations/{id}', { params, body, signal })))
    toast({ tone: 'success', text: done })
    onDone()
  })
}
