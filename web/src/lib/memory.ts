// What a browser remembers between visits. It may refuse, as in a private window or a frame: then nothing is kept.
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`crm:${name}`)
  } catch {
    return null
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`crm:${name}`, value)
  } catch {
    // The next visit begins without it.
  }
}

type TabStorage = Pick<Storage, 'getItem' | 'setItem'>

let storage: TabStorage | undefined

/** The storage of this tab, or one in memory where the browser refuses it. */
export function tabStorage(): TabStorage {
  return (storage ??= openStorage())
}

function openStorage(): TabStorage {
  try {
    sessionStorage.setItem('crm:probe', '')
    sessionStorage.removeItem('crm:probe')
    return sessionStorage
  } catch {
    const kept = new Map<string, string>()
    return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) }
  }
}
