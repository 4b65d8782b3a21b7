/** What a promise gives, or `late` when that takes longer. In real time: somebody waits on the line. Rejects as it does. */
export async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<'late'>((settle) => {
    timer = setTimeout(() => settle('late'), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
