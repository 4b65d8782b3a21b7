// What a person brought back from a vendor's page of consent, until a screen has taken it.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Arrival } from '#web/app/open-session.ts'

interface ConsentArrival {
  readonly consent: Arrival
  readonly clear: () => void
}

export const ConsentContext = createContext<ConsentArrival>({
  consent: { ticket: null, error: null },
  clear: () => undefined,
})

export function useConsentArrival(): ConsentArrival {
  return useContext(ConsentContext)
}
