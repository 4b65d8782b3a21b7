import type { ComponentChildren } from 'preact'

interface Props {
  readonly children: ComponentChildren
}

/** A surface of its own. */
export function Card({ children }: Props) {
  return <div class="card">{children}</div>
}

/** One below the other. */
export function Stack({ children }: Props) {
  return <div class="stack">{children}</div>
}

/** Side by side, as far as there is room. */
export function Row({ children }: Props) {
  return <div class="row">{children}</div>
}

export function Disclosure({
  title,
  children,
  isOpen = false,
}: Props & { readonly title: string; readonly isOpen?: boolean }) {
  return (
    <details class="disclosure" open={isOpen}>
      <summary>{title}</summary>
      <div class="disclosure-body">{children}</div>
    </details>
  )
}
