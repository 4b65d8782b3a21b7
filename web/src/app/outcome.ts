// What the page of the product is told: to the origin that the session names, and to no other.
export type Outcome = 'connected' | 'closed' | 'failed'

export function createTeller(origin: string | null, integrationId: () => string | null): (outcome: Outcome) => void {
  const told = new Set<Outcome>()
  return (outcome) => {
    // It is framed, or was opened in a window of its own.
    const product = window.parent === window ? windowOpener() : window.parent
    // What was connected did not fail because its session is over.
    if (origin === null || !product || told.has(outcome) || (outcome === 'failed' && told.has('connected'))) return
    told.add(outcome)
    product.postMessage({ type: `crm.${outcome}`, integrationId: integrationId() }, origin)
  }
}

function windowOpener(): Window | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- typed as anything, since a page may set it
  return window.opener as Window | null
}
