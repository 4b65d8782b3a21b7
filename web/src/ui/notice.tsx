import type { ComponentChildren } from 'preact'

export type Tone = 'info' | 'success' | 'warning' | 'error'

const MARKS: Readonly<Record<Tone, string>> = { info: 'i', success: '✓', warning: '!', error: '!' }

interface Props {
  readonly tone?: Tone
  readonly title?: string
  readonly children?: ComponentChildren
  /** What can be done about it. */
  readonly actions?: ComponentChildren
}

/** An error is read out at once. */
export function Notice({ tone = 'info', title, children, actions }: Props) {
  return (
    <div class={`notice is-${tone}`} role={tone === 'error' ? 'alert' : undefined}>
      <span class="mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children}
        {actions !== undefined && <div class="row">{actions}</div>}
      </div>
    </div>
  )
}

/** A state in a word or two. The mark says it to who does not see colours. */
export function Badge({ tone, children }: { readonly tone: Tone | 'neutral'; readonly children: ComponentChildren }) {
  return (
    <span class={`badge is-${tone}`}>
      {tone !== 'neutral' && (
        <span class="mark" aria-hidden="true">
          {MARKS[tone]}
        </span>
      )}
      {children}
    </span>
  )
}
