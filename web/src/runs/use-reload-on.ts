import { type Inputs, useEffect, useRef } from 'preact/hooks'
import type { Load } from '#web/app/use-load.ts'

/** Reads again when one of the inputs has changed, and keeps what is shown until then. */
export function useReloadOn({ reload }: Pick<Load<unknown>, 'reload'>, inputs: Inputs): void {
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) reload()
    isFirst.current = false
  }, inputs)
}
