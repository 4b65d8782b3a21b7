// The only place that loads uPlot. The colours are those of the page, read anew when the theme changes.
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { minorDigits } from '#lib/money.ts'
import { useApp } from '#web/app/context.ts'
import { LOCALE, useFormat } from '#web/i18n/format.ts'
import type { DailySales } from '#web/screens/home/daily-sales.ts'

interface Props {
  readonly days: readonly DailySales[]
  readonly currency: string
  readonly label: string
  readonly height: number
}

export function SalesChart({ days, currency, label, height }: Props) {
  const f = useFormat()
  const { language } = useApp()
  const box = useRef<HTMLDivElement>(null)
  const theme = useDarkness()
  const [pointed, setPointed] = useState<number | null>(null)
  useEffect(() => {
    const parent = box.current
    if (!parent) return undefined
    const size = { width: parent.clientWidth, height }
    const plot = new uPlot(
      optionsOf({ size, days, currency, locale: LOCALE[language], onPoint: setPointed }),
      valuesOf(days),
      parent,
    )
    const observer = new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height }))
    observer.observe(parent)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [days, currency, language, theme, height])
  const day = pointed === null ? undefined : days[pointed]
  return (
    <figure class="home-chart">
      <div ref={box} class="home-chart-box" role="img" aria-label={label} style={{ height: `${height}px` }} />
      {/* A screen reader has the table. */}
      <figcaption aria-hidden="true">{day && `${f.day(day.day)}: ${f.money(day.amountMinor, currency)}`}</figcaption>
    </figure>
  )
}

/** Changes with the theme of the system. */
function useDarkness(): boolean {
  const query = '(prefers-color-scheme: dark)'
  const [isDark, setDark] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const read = () => setDark(media.matches)
    media.addEventListener('change', read)
    return () => media.removeEventListener('change', read)
  }, [])
  return isDark
}

function valuesOf(days: readonly DailySales[]): uPlot.AlignedData {
  return [days.map((_, index) => index), days.map(({ amountMinor }) => amountMinor)]
}

interface ChartOptions {
  readonly size: { readonly width: number; readonly height: number }
  readonly days: readonly DailySales[]
  readonly currency: string
  readonly locale: string
  readonly onPoint: (index: number | null) => void
}

const AXIS_WIDTH = 64
const AXIS_HEIGHT = 28
/** Of a bar, of the place it has. */
const BAR_SHARE = 0.7
const BAR_WIDTH_MAX = 40

function optionsOf({ size, days, currency, locale, onPoint }: ChartOptions): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--color-muted'),
    grid: { stroke: colour('--color-line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  }
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const dayOf = (index: number) => {
    const day = Number.isInteger(index) ? days[index]?.day : undefined
    return day === undefined ? '' : short.format(new Date(`${day}T00:00:00Z`))
  }
  const sums = new Intl.NumberFormat(locale, {
    ...{ style: 'currency', currency, currencyDisplay: 'narrowSymbol', notation: 'compact' },
  })
  const units = 10 ** minorDigits(currency)
  return {
    ...size,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [-0.5, days.length - 0.5] },
      y: { range: (_, least, most) => uPlot.rangeNum(Math.min(0, least), Math.max(0, most), 0.1, true) },
    },
    axes: [
      { ...axis, size: AXIS_HEIGHT, grid: { show: false }, values: (_, splits) => splits.map(dayOf) },
      { ...axis, size: AXIS_WIDTH, values: (_, splits) => splits.map((value) => sums.format(value / units)) },
    ],
    series: [
      {},
      {
        fill: colour('--color-accent'),
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [BAR_SHARE, BAR_WIDTH_MAX], radius: 0.2 }) }),
        points: { show: false },
      },
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}
