// Names of months and days of the week, as exports write them: Russian, English, Ukrainian, Kazakh, German, Spanish,
// French, Polish. Folded.
import { foldText } from '#crm/csv/fold.ts'

const MONTHS: readonly string[] = [
  'январь|января|january|січень|січня|қаңтар|januar|janner|enero|janvier|styczen|stycznia',
  'февраль|февраля|february|лютий|лютого|ақпан|februar|febrero|fevrier|luty|lutego',
  'март|марта|march|березень|березня|наурыз|marz|maerz|marzo|mars|marzec|marca',
  'апрель|апреля|april|квітень|квітня|сәуір|abril|avril|kwiecien|kwietnia',
  'май|мая|may|травень|травня|мамыр|mai|mayo|maj|maja',
  'июнь|июня|june|червень|червня|маусым|juni|junio|juin|czerwiec|czerwca',
  'июль|июля|july|липень|липня|шілде|juli|julio|juillet|lipiec|lipca',
  'август|августа|august|серпень|серпня|тамыз|agosto|aout|sierpien|sierpnia',
  'сентябрь|сентября|september|вересень|вересня|қыркүйек|septiembre|setiembre|septembre|wrzesien|wrzesnia',
  'октябрь|октября|october|жовтень|жовтня|қазан|oktober|octubre|octobre|pazdziernik|pazdziernika',
  'ноябрь|ноября|november|листопад|листопада|қараша|noviembre|novembre|listopada',
  'декабрь|декабря|december|грудень|грудня|желтоқсан|dezember|diciembre|decembre|grudzien|grudnia',
]

const SHORTEST = 3

/** The month of each name and of each beginning of one that belongs to no other month. */
const MONTH_BY_PREFIX = monthsByPrefix()

function monthsByPrefix(): ReadonlyMap<string, number> {
  const months = new Map<string, number>()
  for (const [index, names] of MONTHS.entries()) {
    for (const name of names.split('|')) {
      for (let length = SHORTEST; length <= name.length; length += 1) {
        const prefix = name.slice(0, length)
        const known = months.get(prefix) ?? index + 1
        months.set(prefix, known === index + 1 ? known : 0)
      }
    }
  }
  return months
}

/** `мар.`, `Mar`, `März` → 3; null for what is no month, or may be two (`jui`). */
export function monthOf(word: string): number | null {
  return MONTH_BY_PREFIX.get(foldText(word)) || null
}

const DAYS = new Set(
  `пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|нд|понеділок|вівторок|середа|четвер|пʼятниця|субота|неділя
  |mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mo|di|mi|do|fr|sa|so|montag|dienstag
  |mittwoch|donnerstag|freitag|samstag|sonntag|lun|mar|mie|jue|vie|sab|dom|lunes|martes|miercoles|jueves|viernes|sabado|domingo|mer|jeu|ven|sam
  |dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|pon|wt|sr|czw|pt|sob|ndz|дс|сс|бс|жм|сн|жк`
    .split('|')
    .map((day) => day.trim()),
)

export function isWeekday(word: string): boolean {
  return DAYS.has(foldText(word))
}
