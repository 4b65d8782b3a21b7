import type { ComponentChildren } from 'preact'
import type { Load } from '#web/app/use-load.ts'
import { Button } from '#web/ui/button.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { CONTROLS } from '#web/ui/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'

interface Props<Data> {
  readonly of: Load<Data>
  /** Of the size of what comes. */
  readonly skeleton: ComponentChildren
  readonly children: (data: Data) => ComponentChildren
}

/**
 * What was read; while it is not there, its place, or why not. What was read before stays with the error above it, which
 * is there until a further try succeeds.
 */
export function Loaded<Data>({ of: { data, error, isLoading, reload }, skeleton, children }: Props<Data>) {
  const t = useTexts(CONTROLS)
  const again = (
    <Button isBusy={isLoading} onClick={reload}>
      {t('again')}
    </Button>
  )
  const failed = error !== null && <Problem error={error} title={t('failed')} actions={again} />
  if (data === null)
    return (
      failed || (
        <div aria-busy="true">
          <p class="read-out" role="status">
            {t('loading')}
          </p>
          {skeleton}
        </div>
      )
    )
  return (
    <>
      {failed}
      {children(data)}
    </>
  )
}
