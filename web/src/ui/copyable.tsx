import { useRef, useState } from 'preact/hooks'
import { announce } from '#web/app/announce.ts'
import { CONTROLS } from '#web/ui/texts.ts'
import { useTexts } from '#web/i18n/texts.ts'

const SHOWN_MS = 2000

/** A text to be entered elsewhere, with a button that copies it. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  const t = useTexts(CONTROLS)
  const [isCopied, setCopied] = useState(false)
  const code = useRef<HTMLElement>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // A frame may not write there: what is marked can be copied by hand.
      if (code.current) getSelection()?.selectAllChildren(code.current)
      return
    }
    setCopied(true)
    announce(t('copied'))
    setTimeout(() => setCopied(false), SHOWN_MS)
  }
  return (
    <div class="copyable">
      <code ref={code}>{text}</code>
      <button type="button" aria-label={t('copyOf', { label })} onClick={() => void copy()}>
        {isCopied ? t('copied') : t('copy')}
      </button>
    </div>
  )
}
