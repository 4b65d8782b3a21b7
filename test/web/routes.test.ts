// Which screen an address shows, and to whom.
import { describe, expect, it } from 'vitest'
import { languageIn } from '#web/app/language.ts'
import { hrefTo, parseRoute } from '#web/app/router.ts'
import { SCREENS } from '#web/app/screens.ts'
import { mayOpen, NOTHING_CONNECTED, screenAt, startPath } from '#web/app/start-path.ts'

describe('an address', () => {
  it('names a screen, its parameters and its query, and says them again', () => {
    const route = parseRoute(hrefTo('/connect/amo_crm', { status: 'paid', q: 'а&б' }))
    expect([route.path, route.params, Object.fromEntries(route.query)]).toEqual([
      ...['/connect/amo_crm', ['amo_crm'], { status: 'paid', q: 'а&б' }],
    ])
  })

  it.each(['', '#', '#token=abc', '#ticket=1'])('names no screen as %s', (hash) => {
    expect(parseRoute(hash)).toMatchObject({ path: '', params: [] })
  })

  it('of a part that is no URL component is shown as it is', () => {
    expect(parseRoute('#/connect/%E0%A4%A').params).toEqual(['%E0%A4%A'])
  })

  it('finds the screen of a longer path, and not that of a longer word', () => {
    expect(screenAt(SCREENS, '/connect/yclients')?.path).toBe('/connect')
    expect(screenAt(SCREENS, '/connected')).toBeNull()
  })
})

describe('a visitor', () => {
  const visitor = { permissions: ['connect'], isReconnect: false, hasIntegration: false } as const

  it.each([
    ['who may connect begins with the choice', visitor, '/choose'],
    [
      'who is sent a link for a stored account begins there',
      { ...visitor, isReconnect: true, hasIntegration: true },
      '/reconnect',
    ],
    ['whose CRM is connected sees it', { ...visitor, hasIntegration: true }, '/'],
    [
      'who may only look is told that there is nothing',
      { ...visitor, permissions: ['view'] as const },
      NOTHING_CONNECTED,
    ],
  ] as const)('%s', (_what, of, path) => {
    expect(startPath(of)).toBe(path)
  })

  it('opens no screen that needs more than the session has', () => {
    const test = SCREENS.find(({ path }) => path === '/test')
    expect(test && mayOpen(test, visitor)).toBe(false)
    expect(test && mayOpen(test, { ...visitor, hasIntegration: true })).toBe(true)
    expect(test && mayOpen(test, { ...visitor, hasIntegration: true, permissions: ['view'] })).toBe(false)
  })

  it('with a link for new credentials is led to nothing that the link may not change', () => {
    const owner = {
      ...visitor,
      permissions: ['connect', 'view', 'import'],
      isReconnect: true,
      hasIntegration: true,
    } as const
    const open = SCREENS.filter((screen) => mayOpen(screen, owner)).map(({ path }) => path)
    expect(open).toEqual([
      '/',
      '/sales',
      '/import',
      '/days',
      '/unreadable',
      '/explain',
      '/consent',
      '/test',
      '/reconnect',
    ])
  })
})

it('speaks the first language of a list that it knows', () => {
  expect(languageIn(['de-DE', 'ru-RU', 'en'])).toBe('ru')
  expect(languageIn(['EN-us'])).toBe('en')
  expect(languageIn(['de', null])).toBeNull()
})
