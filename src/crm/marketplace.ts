// What a connector declares about its vendor's marketplace, where an owner installs our app with a click instead of
// entering tokens. It speaks the vendor's protocol. src/marketplace decides whose a branch is and what happens when.
import type * as z from 'zod'
import type { Http } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'

/** The service's own app in a vendor's marketplace, and the tokens that it has there. */
export interface MarketplaceApp {
  readonly applicationId: string
  readonly partnerToken: Secret
  /** Of the system user that each branch with the app has. Null: the partner token is enough. */
  readonly userToken: Secret | null
  /** In place of the vendor's own hosts, for local use; null in production. */
  readonly apiUrl: string | null
}

/** The app for one integration, at the vendor's own address. Its tokens are for the claimed branches and no other. */
export interface OpenMarketplace {
  readonly app: MarketplaceApp
  /** The branches that the business has claimed. */
  readonly claimed: ReadonlySet<string>
}

/** A browser that comes from the vendor's page after a click on "connect". */
export interface Arrival {
  readonly branchIds: readonly string[]
  /** Who clicked, by the vendor's signature; null: it did not say. It proves nothing about the branch. */
  readonly userId: string | null
}

export type ArrivalFlaw = 'no_branch' | 'wrong_signature'

/** The vendor's call about one branch. */
export interface MarketplaceEvent {
  readonly branchId: string
  readonly event: 'uninstall' | 'freeze'
}

/** The state of the app in a branch, as the vendor says. `none`: it is not installed there. */
export interface InstallState {
  readonly status: 'pending' | 'active' | 'frozen' | 'none'
  /** When the present installation was begun; null: the vendor does not say. */
  readonly begunAt: Date | null
}

export interface MarketplaceCall {
  readonly app: MarketplaceApp
  readonly http: Http
}

/** One brand of a vendor: a registration of its own. */
export interface Marketplace {
  /** In addresses of ours and in the configuration. */
  readonly brand: string
  readonly title: string
  /** Where the branches of this brand are read. */
  apiUrl(app: MarketplaceApp): string
  readArrival(app: MarketplaceApp, search: URLSearchParams): Promise<Arrival | ArrivalFlaw>
  /** Null: it is not about our app, or tells nothing that is known. `forged`: it is not the vendor's. */
  readEvent(app: MarketplaceApp, body: unknown): Promise<MarketplaceEvent | 'forged' | null>
  /** Throws CrmError, as all below. */
  stateOf(call: MarketplaceCall, branchId: string): Promise<InstallState>
  /** Tells the vendor that the installation is finished. False: it refuses, as it does when it was told before. */
  finish(call: MarketplaceCall, branchId: string, webhookUrl: string): Promise<boolean>
  /** The ids of the branch's users. CrmError `forbidden` or `not_found`: our system user is not among them (yet). */
  usersOf(call: MarketplaceCall, branchId: string): Promise<readonly string[]>
  uninstall(call: MarketplaceCall, branchId: string): Promise<void>
  /** All branches that have the app. */
  list(call: MarketplaceCall): Promise<ReadonlySet<string>>
}

/** What a connector's settings say of brand and branches. */
export interface MarketplaceSettings {
  /** The query of the address that the vendor sends a browser to, for the document. */
  readonly arrivalQuery: z.ZodObject
  readonly brands: readonly Marketplace[]
  /** Of `additionalConfig`; null: it does not parse. */
  read(
    config: Readonly<Record<string, unknown>>,
  ): { readonly brand: string; readonly branchIds: readonly string[] } | null
  /** The same settings with these branches. */
  write(
    config: Readonly<Record<string, unknown>>,
    to: { readonly brand: string; readonly branchIds: readonly string[] },
  ): Record<string, unknown>
}
