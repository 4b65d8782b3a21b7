// Every screen of the page. Each is a file of its own that is loaded when it is first shown.
import type { ComponentType } from 'preact'
import type { Permission } from '#web/app/context.ts'
import type { LocalizedText } from '#lib/localized.ts'

export interface ScreenEntry {
  readonly path: string
  readonly load: () => Promise<ComponentType>
  readonly title: LocalizedText
  /** Where the navigation shows it: `csv` only for files. */
  readonly navigation: 'always' | 'csv' | 'crm' | 'never'
  /** Who may see it. */
  readonly needs: Permission | null
  /** Whether there has to be an integration. */
  readonly needsIntegration: boolean
  /** It changes what a link for new credentials may not. */
  readonly isChange?: true
}

/** In the order of the navigation. */
export const SCREENS: readonly ScreenEntry[] = [
  {
    ...{ path: '/', title: { en: 'Home', ru: 'Главная' } },
    load: async () => (await import('#web/screens/home/screen.tsx')).HomeScreen,
    ...{ navigation: 'always', needs: null, needsIntegration: true },
  },
  {
    ...{ path: '/sales', title: { en: 'Sales', ru: 'Продажи' } },
    load: async () => (await import('#web/screens/sales/screen.tsx')).SalesScreen,
    ...{ navigation: 'always', needs: 'view', needsIntegration: true },
  },
  {
    ...{ path: '/import', title: { en: 'Files', ru: 'Файлы' } },
    load: async () => (await import('#web/screens/import/screen.tsx')).ImportScreen,
    ...{ navigation: 'csv', needs: 'import', needsIntegration: true },
  },
  {
    ...{ path: '/days', title: { en: 'Comparison', ru: 'Сверка' } },
    load: async () => (await import('#web/screens/days/screen.tsx')).DaysScreen,
    ...{ navigation: 'crm', needs: null, needsIntegration: true },
  },
  {
    ...{ path: '/unreadable', title: { en: 'Unreadable', ru: 'Не прочитано' } },
    load: async () => (await import('#web/screens/unreadable/screen.tsx')).UnreadableScreen,
    ...{ navigation: 'crm', needs: null, needsIntegration: true },
  },
  {
    ...{ path: '/settings', title: { en: 'Settings', ru: 'Настройки' } },
    load: async () => (await import('#web/screens/settings/screen.tsx')).SettingsScreen,
    ...{ navigation: 'always', needs: null, needsIntegration: true, isChange: true },
  },
  {
    ...{ path: '/explain', title: { en: 'Why is it so?', ru: 'Почему так?' } },
    load: async () => (await import('#web/screens/explain/screen.tsx')).ExplainScreen,
    ...{ navigation: 'never', needs: 'view', needsIntegration: true },
  },
  {
    ...{ path: '/choose', title: { en: 'CRM', ru: 'CRM' } },
    load: async () => (await import('#web/screens/choose/screen.tsx')).ChooseScreen,
    ...{ navigation: 'never', needs: 'connect', needsIntegration: false, isChange: true },
  },
  {
    ...{ path: '/connect', title: { en: 'Connect', ru: 'Подключение' } },
    load: async () => (await import('#web/screens/connect/screen.tsx')).ConnectScreen,
    ...{ navigation: 'never', needs: 'connect', needsIntegration: false, isChange: true },
  },
  {
    ...{ path: '/consent', title: { en: 'Consent', ru: 'Согласие' } },
    load: async () => (await import('#web/screens/consent/screen.tsx')).ConsentScreen,
    ...{ navigation: 'never', needs: 'connect', needsIntegration: false },
  },
  {
    ...{ path: '/test', title: { en: 'Test', ru: 'Проверка' } },
    load: async () => (await import('#web/screens/test/screen.tsx')).TestScreen,
    ...{ navigation: 'never', needs: 'connect', needsIntegration: true },
  },
  {
    ...{ path: '/reconnect', title: { en: 'Connect again', ru: 'Подключить заново' } },
    load: async () => (await import('#web/screens/reconnect/screen.tsx')).ReconnectScreen,
    ...{ navigation: 'never', needs: 'connect', needsIntegration: true },
  },
]
