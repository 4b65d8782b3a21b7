// A part of the page that is loaded when it is shown. After a deployment the files of an open page may be gone: then
// the page is loaded anew, once.
import type { ComponentChild, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { tabStorage } from '#web/lib/memory.ts'

export type LoadComponent<Props> = () => Promise<ComponentType<Props>>

const RELOADED = 'crm:reloaded'
const AGAIN_MS = 60_000

export function useComponent<Props>(load: LoadComponent<Props>): ComponentType<Props> | null {
  const [loaded, setLoaded] = useState<{ readonly from: typeof load; readonly component: ComponentType<Props> } | null>(
    null,
  )
  useEffect(() => {
    let isCurrent = true
    void loadOrReload(load).then((component) => isCurrent && component && setLoaded({ from: load, component }))
    return () => void (isCurrent = false)
  }, [load])
  return loaded?.from === load ? loaded.component : null
}

async function loadOrReload<Props>(load: LoadComponent<Props>): Promise<ComponentType<Props> | null> {
  for (;;) {
    try {
      return await load()
    } catch {
      const storage = tabStorage()
      const isGone = navigator.onLine && Date.now() - Number(storage.getItem(RELOADED)) > AGAIN_MS
      if (isGone) {
        storage.setItem(RELOADED, String(Date.now()))
        location.reload()
        return null
      }
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
  }
}

/** Shows the fallback until the part is there. */
export function lazy<Props extends object>(load: LoadComponent<Props>, fallback: ComponentChild) {
  return function Lazy(props: Props) {
    const Component = useComponent(load)
    return Component ? <Component {...props} /> : <>{fallback}</>
  }
}
