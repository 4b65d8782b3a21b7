/** The value of a promise, or `late` when it takes longer, in real time. Rejects as the promise does. */
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
