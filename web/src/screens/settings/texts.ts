import { texts } from '#web/i18n/texts.ts'

export const TEXTS = texts({
  title: { en: 'Settings', ru: 'Настройки' },
  readOnly: {
    en: 'This link only shows the settings. To change them, ask for one with the right to connect.',
    ru: 'По этой ссылке настройки можно только смотреть. Чтобы менять их, попросите ссылку с правом подключать.',
  },
  sync: { en: 'Sync', ru: 'Загрузка' },
  syncOn: { en: 'Sales arrive by themselves.', ru: 'Продажи приходят сами.' },
  syncOff: {
    en: 'Sync is switched off: we do not ask the CRM for sales. What has arrived stays.',
    ru: 'Загрузка выключена: мы не спрашиваем CRM о продажах. То, что пришло, сохранено.',
  },
  pause: { en: 'Pause', ru: 'Приостановить' },
  resume: { en: 'Switch on', ru: 'Включить' },
  resuming: { en: 'Testing the connection…', ru: 'Проверяем подключение…' },
  paused: { en: 'Sync is paused.', ru: 'Загрузка приостановлена.' },
  resumed: { en: 'The connection has passed its test. Sync is on.', ru: 'Подключение проверено. Загрузка включена.' },
  testFailed: {
    en: 'The connection did not pass its test, so nothing was changed:',
    ru: 'Проверка подключения не прошла, поэтому ничего не изменено:',
  },
  reconnect: { en: 'Connect again', ru: 'Подключить заново' },
  schedule: { en: 'Schedule', ru: 'Расписание' },
  interval: { en: 'How often to ask the CRM', ru: 'Как часто спрашивать CRM' },
  intervalHelp: {
    en: 'Changes come with the next sync at the latest. Most CRMs also tell us of changes at once.',
    ru: 'Изменения придут не позже следующей загрузки. Большинство CRM сообщает о них и сразу.',
  },
  everyMinutes: { en: 'every {n} min', ru: 'раз в {n} мин' },
  everyHours: { en: 'every {n} h', ru: 'раз в {n} ч' },
  everyDay: { en: 'once a day', ru: 'раз в сутки' },
  save: { en: 'Save', ru: 'Сохранить' },
  saved: { en: 'Saved.', ru: 'Сохранено.' },
  branches: { en: 'Branches', ru: 'Филиалы' },
  branchesNone: { en: 'The CRM names no branches.', ru: 'CRM не называет филиалов.' },
  'branchColumns.name': { en: 'Name', ru: 'Название' },
  'branchColumns.id': { en: 'Number in the CRM', ru: 'Номер в CRM' },
  'branchColumns.timezone': { en: 'Time zone', ru: 'Часовой пояс' },
  zoneUnknown: { en: 'as the business', ru: 'как у компании' },
  disconnect: { en: 'Disconnect', ru: 'Отключение' },
  disconnectAbout: {
    en: 'Here you can stop the sync. What happens then:',
    ru: 'Здесь можно остановить загрузку. Что тогда будет:',
  },
  disconnectOff: { en: 'Sync is switched off. What that means:', ru: 'Загрузка выключена. Что это значит:' },
  disconnectStops: { en: 'We no longer ask the CRM for sales.', ru: 'Мы больше не спрашиваем CRM о продажах.' },
  disconnectHooks: {
    en: 'Sales that the CRM reports to us by itself still arrive. To end this too, remove our address from the webhook settings of the CRM.',
    ru: 'Продажи, о которых CRM сообщает сама, ещё будут приходить. Чтобы и они не приходили, уберите наш адрес из настроек вебхуков CRM.',
  },
  disconnectStays: {
    en: 'The sales that have arrived stay, and you can see them here.',
    ru: 'Продажи, которые уже пришли, остаются, и их можно смотреть здесь.',
  },
  disconnectKey: {
    en: 'The key stays with us, sealed, so that you can switch on again. To end it for good, delete it in the CRM.',
    ru: 'Ключ остаётся у нас в зашифрованном виде, чтобы можно было включить снова. Чтобы он больше не действовал, удалите его в CRM.',
  },
  disconnectRemoval: {
    en: 'To have the connection removed with its key, write to support. The sales are kept or removed, as you say.',
    ru: 'Чтобы удалить подключение вместе с ключом, напишите в поддержку. Продажи сохранят или удалят, как вы скажете.',
  },
  disconnectButton: { en: 'Stop the sync', ru: 'Остановить загрузку' },
  disconnectAsk: { en: 'Stop the sync?', ru: 'Остановить загрузку?' },
  disconnectDo: { en: 'Yes, stop it', ru: 'Да, остановить' },
  cancel: { en: 'Cancel', ru: 'Отмена' },
  stopped: { en: 'The sync is stopped.', ru: 'Загрузка остановлена.' },
  filesOnly: {
    en: 'Sales come here by files, so there is nothing to set.',
    ru: 'Продажи приходят сюда файлами, поэтому настраивать нечего.',
  },
  counts: { en: 'What counts', ru: 'Что считать' },
  countsHelp: {
    en: 'Which branches and which records count as sales. The new settings are tested before they are kept.',
    ru: 'Какие филиалы и какие записи считать продажами. Новые настройки сначала проверяются.',
  },
  testing: { en: 'Testing the new settings…', ru: 'Проверяем новые настройки…' },
  savedAndTested: {
    en: 'Saved. The new settings have passed the test, and sales are read anew by them.',
    ru: 'Сохранено. Новые настройки проверены, и продажи читаются по ним заново.',
  },
  savedUntested: {
    en: 'Saved. They are tested when you switch sync on.',
    ru: 'Сохранено. Проверим, когда вы включите загрузку.',
  },
  changedElsewhere: {
    en: 'The settings were changed in another window.',
    ru: 'Настройки изменили в другом окне.',
  },
  showNew: { en: 'Show them', ru: 'Показать' },
  more: { en: 'More settings', ru: 'Другие настройки' },
})
