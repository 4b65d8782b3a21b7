// A month as a table of buttons. One of them takes the focus of the keyboard, and the arrow keys move it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '#web/app/context.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { addMonths, type CalendarDay, type DayState, monthWeeks, movedBy } from '#web/screens/days/month.ts'
import { TEXTS } from '#web/screens/days/texts.ts'

interface Row {
  readonly day: string
  readonly state: DayState
}

interface Props {
  /** `YYYY-MM` */
  readonly month: string
  readonly today: string
  readonly chosen: string | null
  readonly rows: readonly Row[]
  readonly onMonth: (month: string) => void
  readonly onChoose: (day: string) => void
}

const SIGNS: Readonly<Record<CalendarDay<Row>['state'], string>> = {
  ...{ equal: '✓', different: '!', unchecked: '?', empty: '–', future: '' },
}
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const

export function Calendar({ month, today, chosen, rows, onMonth, onChoose }: Props) {
  const t = useTexts(TEXTS)
  const focus = useFocus({ month, today, chosen, onMonth })
  return (
    <div class="days-calendar">
      <MonthSwitch month={month} today={today} onMonth={onMonth} />
      <table class="days-month" onKeyDown={focus.onKeyDown} ref={focus.table}>
        <caption class="read-out">{t('title')}</caption>
        <thead>
          <tr>
            {WEEKDAYS.map((weekday) => (
              <th key={weekday} scope="col">
                {t(`weekdays.${weekday}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {monthWeeks(month, rows, today).map((week, index) => (
            <tr key={index}>
              {week.map((cell, weekday) => (
                <td key={weekday}>
                  {cell && (
                    <DayButton
                      cell={cell}
                      isChosen={cell.day === chosen}
                      isFocusable={cell.day === focus.day}
                      onChoose={onChoose}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Legend />
    </div>
  )
}

interface DayProps {
  readonly cell: CalendarDay<Row>
  readonly isChosen: boolean
  readonly isFocusable: boolean
  readonly onChoose: (day: string) => void
}

function DayButton({ cell: { day, state }, isChosen, isFocusable, onChoose }: DayProps) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  return (
    <button
      type="button"
      class={`days-day is-${state}`}
      data-day={day}
      tabIndex={isFocusable ? 0 : -1}
      aria-pressed={isChosen}
      aria-disabled={state === 'future' || undefined}
      aria-label={`${f.day(day)}: ${t(`states.${state}`)}`}
      onClick={() => state !== 'future' && onChoose(day)}
    >
      <span>{Number(day.slice(8))}</span>
      <span class="days-sign">{SIGNS[state]}</span>
    </button>
  )
}

function MonthSwitch({ month, today, onMonth }: Pick<Props, 'month' | 'today' | 'onMonth'>) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  const months = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return (
    <div class="days-switch">
      <button
        type="button"
        class="days-turn"
        aria-label={t('previousMonth')}
        onClick={() => onMonth(addMonths(month, -1))}
      >
        ←
      </button>
      <h2 aria-live="polite">{months.format(new Date(`${month}-01T00:00:00Z`))}</h2>
      <button
        type="button"
        class="days-turn"
        aria-label={t('nextMonth')}
        disabled={month >= today.slice(0, 7)}
        onClick={() => onMonth(addMonths(month, 1))}
      >
        →
      </button>
    </div>
  )
}

function Legend() {
  const t = useTexts(TEXTS)
  return (
    <ul class="days-legend" aria-label={t('legend')}>
      {(['equal', 'different', 'unchecked', 'empty'] as const).map((state) => (
        <li key={state}>
          <span class={`days-key is-${state}`} aria-hidden="true">
            {SIGNS[state]}
          </span>{' '}
          {t(`states.${state}`)}
        </li>
      ))}
    </ul>
  )
}

/** Which day the keyboard is at. It moves across the borders of months. */
function useFocus({ month, today, chosen, onMonth }: Pick<Props, 'month' | 'today' | 'chosen' | 'onMonth'>) {
  const table = useRef<HTMLTableElement>(null)
  const [at, setAt] = useState(chosen ?? today)
  const isMoving = useRef(false)
  const day = at.startsWith(month) ? at : `${month}-01`
  useEffect(() => {
    if (isMoving.current) table.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus()
    isMoving.current = false
  }, [day])
  const onKeyDown = (event: KeyboardEvent) => {
    const next = movedBy(event.key, day)
    if (next === null) return
    event.preventDefault()
    if (next > today) return
    isMoving.current = true
    setAt(next)
    if (!next.startsWith(month)) onMonth(next.slice(0, 7))
  }
  return { table, day, onKeyDown }
}
