import { useEffect, useRef } from 'preact/hooks'

/** For a form: its first field with a mistake takes the focus whenever the form was refused. */
export function useFirstMistake(error: unknown) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (error === null) return
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    // It may be among what is folded.
    const folded = first?.closest('details')
    if (folded) folded.open = true
    first?.focus()
  }, [error])
  return form
}
