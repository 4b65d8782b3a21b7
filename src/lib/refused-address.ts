import type { Refusal } from '#lib/egress-policy.ts'
import type { LocalizedText } from '#lib/localized.ts'

/** What a person reads who has entered an address that may not be called. */
export const REFUSED_ADDRESS: Readonly<Record<Refusal, LocalizedText>> = {
  not_a_url: { en: 'is not a URL', ru: 'это не адрес' },
  not_https: { en: 'must begin with https://', ru: 'должен начинаться с https://' },
  port: {
    en: 'must not name a port: it has to answer at the usual one, 443',
    ru: 'не может содержать номер порта: сервер должен отвечать на обычном, 443',
  },
  userinfo: {
    en: 'must not hold a user name or password: those are credentials',
    ru: 'не может содержать имя пользователя или пароль: для них есть свои поля',
  },
  not_public: {
    en: 'must be a public DNS name: an address in a local network cannot be reached from the internet',
    ru: 'должен быть общедоступным доменным именем: до адреса в локальной сети из интернета не достучаться',
  },
  not_the_vendors: { en: 'is not an address of this CRM', ru: 'это не адрес этой CRM' },
}
