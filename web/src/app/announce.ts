// Short messages: some are shown for a while, all are read out by a screen reader.
import { createStore } from '#web/lib/store.ts'

export interface Toast {
  readonly id: number
  readonly tone: 'info' | 'success' | 'error'
  readonly text: string
}

const SHOWN_MS = 6000

export const toasts = createStore<readonly Toast[]>([])
export const announced = createStore('')

let lastId = 0

export function toast({ tone, text }: Omit<Toast, 'id'>): void {
  const id = (lastId += 1)
  toasts.set([...toasts.get(), { id, tone, text }])
  // An error stays until it is closed.
  if (tone !== 'error') setTimeout(() => dismiss(id), SHOWN_MS)
}

export function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id))
}

/** Read out, not shown. */
export function announce(text: string): void {
  announced.set(text)
}
