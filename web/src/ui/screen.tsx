// The frame of a screen: its heading, which takes the focus when the screen comes, so that a keyboard and a screen
// reader begin there.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useApp } from '#web/app/context.ts'

interface Props {
  readonly title: string
  readonly lead?: ComponentChildren
  /** Beside the heading. */
  readonly actions?: ComponentChildren
  readonly back?: { readonly href: string; readonly text: string }
  /** As wide as a form or a text reads well. */
  readonly isNarrow?: boolean
  readonly children: ComponentChildren
}

/** The first screen leaves the focus where the browser has it. */
let isFirst = true

export function Screen({ title, lead, actions, back, isNarrow = false, children }: Props) {
  const { session } = useApp()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · ${session.business.name}`
  }, [title, session.business.name])
  useEffect(() => {
    if (!isFirst) {
      heading.current?.focus({ preventScroll: true })
      window.scrollTo(0, 0)
    }
    isFirst = false
  }, [])
  return (
    <div class={isNarrow ? 'screen is-narrow' : 'screen'}>
      <div class="screen-head">
        <div>
          {back && (
            <a class="screen-back" href={back.href}>
              <span aria-hidden="true">←</span> {back.text}
            </a>
          )}
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

interface SectionProps {
  readonly title: string
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

export function Section({ title, actions, children }: SectionProps) {
  return (
    <section class="section">
      <div class="section-head">
        <h2>{title}</h2>
        {actions !== undefined && <div class="row">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
