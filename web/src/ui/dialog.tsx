// The browser's own dialog: it keeps the focus inside, closes with Escape, and gives the focus back.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { CONTROLS } from '#web/ui/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: string
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

export function Dialog(props: Props) {
  return <Modal {...props} kind="dialog" />
}

/** A dialog at the side of the page, for the details of something in a list. */
export function Drawer(props: Props) {
  return <Modal {...props} kind="drawer" />
}

function Modal({ isOpen, onClose, title, actions, children, kind }: Props & { readonly kind: 'dialog' | 'drawer' }) {
  const t = useTexts(CONTROLS)
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (!isOpen || !dialog) return undefined
    const before = document.activeElement
    dialog.showModal()
    return () => {
      dialog.close()
      // The browser gives it back only while the dialog is in the page, and it may be gone by now.
      if (before instanceof HTMLElement) before.focus()
    }
  }, [isOpen])
  // It is told late, perhaps to a page that has gone on.
  const closed = () => ref.current && onClose()
  return (
    <dialog
      ref={ref}
      class={kind}
      aria-labelledby={id}
      onClose={closed}
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
    >
      {isOpen && (
        <div class="dialog-body">
          <div class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="close" aria-label={t('close')} onClick={onClose}>
              ×
            </button>
          </div>
          <div class="dialog-content">{children}</div>
          {actions !== undefined && <div class="row is-end">{actions}</div>}
        </div>
      )}
    </dialog>
  )
}
