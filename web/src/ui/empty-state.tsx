import type { ComponentChildren } from 'preact'

interface Props {
  readonly title: string
  readonly text?: ComponentChildren
  readonly action?: ComponentChildren
  /** It is all that the screen shows. */
  readonly isScreen?: boolean
}

export function EmptyState({ title, text, action, isScreen = false }: Props) {
  const Heading = isScreen ? 'h1' : 'h2'
  return (
    <div class="empty">
      <Heading class="empty-title">{title}</Heading>
      {text !== undefined && <p>{text}</p>}
      {action}
    </div>
  )
}
