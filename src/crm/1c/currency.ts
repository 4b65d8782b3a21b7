// A row of the catalog of currencies → ISO 4217.
import { currencyOf } from '#lib/money.ts'
import { type Row, textOf } from '#crm/1c/fields.ts'

/** A currency's code in 1C is its number of ISO 4217. Those of 1C's countries and of their trade. */
const NUMBERS: Readonly<Record<string, string>> = {
  ...{ '643': 'RUB', '810': 'RUB', '840': 'USD', '978': 'EUR', '826': 'GBP', '156': 'CNY', '392': 'JPY' },
  ...{ '398': 'KZT', '933': 'BYN', '860': 'UZS', '417': 'KGS', '972': 'TJS', '934': 'TMT', '051': 'AMD' },
  ...{ '944': 'AZN', '981': 'GEL', '498': 'MDL', '980': 'UAH', '949': 'TRY', '784': 'AED', '756': 'CHF' },
  ...{ '376': 'ILS', '764': 'THB', '704': 'VND', '356': 'INR', '410': 'KRW', '985': 'PLN', '941': 'RSD' },
  ...{ '203': 'CZK', '348': 'HUF', '946': 'RON', '975': 'BGN', '752': 'SEK', '578': 'NOK', '208': 'DKK' },
  ...{ '124': 'CAD', '036': 'AUD', '344': 'HKD', '702': 'SGD', '496': 'MNT', '818': 'EGP', '682': 'SAR' },
}
const NAMES = ['Code', 'Description', 'БуквенныйКод', 'СимвольныйКод']

/** Null for a unit that is no currency, and for one that is not known. */
export function currencyIn(row: Row): string | null {
  const byNumber = NUMBERS[textOf(row['Code']).padStart(3, '0')]
  if (byNumber !== undefined) return byNumber
  for (const name of NAMES) {
    const text = textOf(row[name])
    const currency = currencyOf(text) ?? currencyOf(text.toLowerCase())
    if (currency !== null) return currency
  }
  return null
}
