// What a person brought back from a vendor's page of consent, until a screen has taken it.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Arrival, NOTHING_BROUGHT } from '#web/app/open-session.ts'

interface ConsentArrival {
  readonly consent: Arrival
  readonly clear: () => void
}

export const ConsentContext = createContext<ConsentArrival>({
  consent: NOTHING_BROUGHT,
  clear: () => undefined,
})

export function useConsentArrival(): ConsentArrival {
  return useContext(ConsentContext)
}
