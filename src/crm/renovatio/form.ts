import { COMMON, type ConnectForm } from '#crm/form.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

export const FORM: ConnectForm<Settings> = {
  apiUrl: {
    label: { en: 'Address of the server', ru: 'Адрес сервера' },
    help: {
      en: 'Only when Renovatio is on your own server. It ends with /api/public, is on the internet, and has https.',
      ru: 'Только если Реновацио стоит на вашем сервере. Заканчивается на /api/public, доступен из интернета, по https.',
    },
  },
  minutes: 10,
  guide: {
    en: [
      'An administrator creates an API key in the settings of Renovatio, in the part about integrations.',
      'The key needs the methods getInvoices, getAppointments, getPatient and getClinics.',
      'Enter the key, and test the connection. The report names the clinics.',
    ],
    ru: [
      'Администратор клиники создаёт ключ API в настройках Реновацио, в разделе интеграций.',
      'Ключу нужны методы getInvoices, getAppointments, getPatient и getClinics.',
      'Введите ключ и проверьте подключение. В отчёте будут названы клиники.',
    ],
  },
  settings: {
    clinicIds: {
      title: { en: 'Clinics', ru: 'Клиники' },
      help: {
        en: 'Their numbers. Empty: all. The connection test names them.',
        ru: 'Их номера. Пусто: все. Номера покажет проверка подключения.',
      },
    },
    timezone: COMMON.timezone,
    timezones: {
      title: { en: 'Time zones of clinics', ru: 'Часовые пояса клиник' },
      help: { en: 'For clinics in other time zones.', ru: 'Для клиник в других часовых поясах.' },
    },
    currency: COMMON.currency,
    initialDays: COMMON.initialDays,
    adaptive: COMMON.adaptive,
  },
  capabilities: {
    clinics: { en: 'Clinics', ru: 'Клиники' },
    invoices: { en: 'Invoices', ru: 'Счета' },
    appointments: { en: 'Visits', ru: 'Визиты' },
    patients: { en: 'Patients', ru: 'Пациенты' },
  },
}
