import { useEffect, useRef, useState } from 'preact/hooks'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from './texts.ts'

interface DropZoneProps {
  readonly onFile: (file: File) => void
}

/** A button that opens the files of the computer, and a place to drop one: anywhere on the page will do. */
export function DropZone({ onFile }: DropZoneProps) {
  const t = useTexts(TEXTS)
  const input = useRef<HTMLInputElement>(null)
  const isOver = useDrop(onFile)
  const take = () => {
    const [file] = input.current?.files ?? []
    // The same file may be chosen again.
    if (input.current) input.current.value = ''
    if (file) onFile(file)
  }
  return (
    <>
      <button
        type="button"
        class={`import-drop${isOver ? ' import-drop--over' : ''}`}
        onClick={() => input.current?.click()}
      >
        <span class="import-drop__choose">{t('choose')}</span>
        <span>{t('drop')}</span>
        <span class="import-drop__needs">{t('needs')}</span>
      </button>
      <input ref={input} type="file" hidden accept=".csv,.txt,.tsv,.xlsx,text/csv" onChange={take} />
    </>
  )
}

/** Whether a file is held over the page. One that misses the zone would replace the page otherwise. */
function useDrop(onFile: (file: File) => void): boolean {
  const [isOver, setIsOver] = useState(false)
  const latest = useRef(onFile)
  latest.current = onFile
  useEffect(() => {
    const hold = (event: DragEvent) => {
      event.preventDefault()
      setIsOver(event.type === 'dragover')
    }
    const drop = (event: DragEvent) => {
      hold(event)
      const [file] = event.dataTransfer?.files ?? []
      if (file) latest.current(file)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false)
    }
    addEventListener('dragover', hold)
    addEventListener('drop', drop)
    addEventListener('dragleave', leave)
    return () => {
      removeEventListener('dragover', hold)
      removeEventListener('drop', drop)
      removeEventListener('dragleave', leave)
    }
  }, [])
  return isOver
}
