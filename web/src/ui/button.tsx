// A button does what it does once: while that is under way, further clicks are nothing.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Spinner } from '#web/ui/spinner.tsx'

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger'

interface Props {
  readonly children: ComponentChildren
  readonly kind?: Kind
  readonly type?: 'button' | 'submit'
  readonly isBusy?: boolean
  readonly isDisabled?: boolean
  /** Where the text alone does not say what it is for. */
  readonly label?: string
  /** While a promise of it is open, the button is busy. */
  readonly onClick?: () => unknown
}

export function Button({
  children,
  kind = 'secondary',
  type = 'button',
  isBusy = false,
  isDisabled,
  label,
  onClick,
}: Props) {
  const [isRunning, setRunning] = useState(false)
  const running = useRef(false)
  const isMounted = useRef(true)
  useEffect(() => () => void (isMounted.current = false), [])
  const busy = isBusy || isRunning
  const click = (event: MouseEvent) => {
    if (busy || running.current) {
      // Also a form is not sent twice.
      event.preventDefault()
      return
    }
    const done = onClick?.()
    if (!(done instanceof Promise)) return
    running.current = true
    setRunning(true)
    void done.finally(() => {
      running.current = false
      if (isMounted.current) setRunning(false)
    })
  }
  return (
    <button
      class={`button is-${kind}`}
      type={type}
      disabled={isDisabled}
      aria-label={label}
      aria-busy={busy}
      aria-disabled={busy || undefined}
      onClick={click}
    >
      {busy && <Spinner />}
      <span>{children}</span>
    </button>
  )
}

interface LinkProps {
  readonly href: string
  readonly children: ComponentChildren
  readonly kind?: Kind
  readonly download?: string
  /** Also out of a frame. */
  readonly target?: '_top'
  readonly onClick?: () => void
}

/** A link that looks like a button. */
export function ButtonLink({ href, children, kind = 'secondary', download, target, onClick }: LinkProps) {
  return (
    <a class={`button is-${kind}`} {...{ href, download, target, onClick }}>
      <span>{children}</span>
    </a>
  )
}
