// How a vendor's server sends webhooks, for any sandbox: by the network when it is served, else into a list from which
// a test takes them in any order, twice or not at all.

/** One webhook on its way, as the vendor sends it. */
export interface HookDelivery {
  readonly url: string
  readonly method: 'POST' | 'GET'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Hooks {
  /** Those that were not carried, oldest first. */
  readonly sent: HookDelivery[]
  /** A person enters our address in the vendor's interface. Null: the vendor has an API for that. */
  address: ((url: string) => void) | null
  /** Null: they stay in `sent`. */
  carry: ((delivery: HookDelivery) => Promise<void>) | null
  readonly send: (delivery: Omit<HookDelivery, 'method'> & { readonly method?: 'GET' }) => void
}

export function createHooks(): Hooks {
  const sent: HookDelivery[] = []
  const hooks: Hooks = {
    sent,
    address: null,
    carry: null,
    send: (delivery) => {
      const whole = { method: 'POST', ...delivery } as const
      if (hooks.carry) void hooks.carry(whole)
      else sent.push(whole)
    },
  }
  return hooks
}

/** Vendors try once and look at nothing but the status. */
export async function carryByNetwork({ url, method, headers, body }: HookDelivery): Promise<void> {
  try {
    const answer = await fetch(url, { method, headers, ...(method === 'POST' && { body }) })
    await answer.body?.cancel()
    if (!answer.ok) console.error(`A webhook of the sandbox was answered with ${answer.status}.`)
  } catch {
    // The service is away for the moment; polling makes up for it.
  }
}
