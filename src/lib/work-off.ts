/** Takes items out of a list, so many at a time, as long as there is time. What is left over stays in the list. */
export async function workOff<T>(
  pending: T[],
  { concurrency, isInTime }: { readonly concurrency: number; readonly isInTime: () => boolean },
  act: (item: T) => Promise<void>,
): Promise<void> {
  const work = async () => {
    while (isInTime()) {
      const next = pending.shift()
      if (next === undefined) return
      await act(next)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
}
