// Outbound HTTP to a vendor: its pace and hosts, under the operator's rules.
import { outboundPolicy } from '#config.ts'
import type { Context } from '#context.ts'
import type { Pace } from '#crm/pace.ts'
import { createHttp, type Http, type HttpOptions } from '#lib/egress.ts'

type VendorPace = Pace & Pick<HttpOptions, 'tooLargeMax' | 'admission'>

export function vendorHttp({ config, fetch, clock }: Context, pace: VendorPace): Http {
  const { throttleWaitScale } = config
  return createHttp({ ...outboundPolicy(config), ...pace, fetch, clock, throttleWaitScale })
}
