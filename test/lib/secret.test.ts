import { expect, it } from 'vitest'
import { Secret } from '#lib/secret.ts'

it('shows stars wherever a secret is printed', () => {
  const secret = new Secret('partner-token')
  const printed = [
    String(secret),
    ['', secret].join(''),
    JSON.stringify({ secret }),
    JSON.stringify(Object.entries(secret)),
  ]
  expect(printed.join(' ')).not.toContain('partner-token')
  expect(secret.reveal()).toBe('partner-token')
})
