import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface Props {
  /** Changes with what is shown. */
  readonly step: string
  readonly children: ComponentChildren
}

/** Where what had the focus is gone with the step before, a keyboard and a screen reader go on from here. */
export function KeepFocus({ step, children }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current !== step && document.activeElement === document.body)
      place.current?.focus({ preventScroll: true })
    shown.current = step
  }, [step])
  return (
    <div class="focus-place" tabIndex={-1} ref={place}>
      {children}
    </div>
  )
}
