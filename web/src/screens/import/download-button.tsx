import type { ComponentChildren } from 'preact'
import { useApp } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { download } from '#web/lib/download.ts'
import { Button } from '#web/ui/button.tsx'
import { Problem } from '#web/ui/problem.tsx'

interface Props {
  readonly path: string
  /** Of the file. */
  readonly name: string
  readonly kind: 'primary' | 'quiet'
  readonly children: ComponentChildren
}

export function DownloadButton({ path, name, kind, children }: Props) {
  const { client } = useApp()
  const save = useAction(async (signal) => download(client, { path, name, signal }))
  return (
    <>
      <Button kind={kind} isBusy={save.isBusy} onClick={save.run}>
        {children}
      </Button>
      {save.error !== null && <Problem error={save.error} />}
    </>
  )
}
