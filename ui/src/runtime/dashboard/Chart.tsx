import { BarChart, LineChart, PieChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { locale } from '../../i18n/i18n.ts'
import { useTheme } from '../../theme/theme.ts'
import { chartHeight, chartOption, type Palette } from './chartOption.ts'
import type { Shape } from './dashboard.ts'
import type { CardMeta, RowData } from './types.ts'

echarts.use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

const inks = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `chart-${n}`)

function palette(of: Element = document.documentElement): Palette {
  const style = getComputedStyle(of)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    series: inks.map(token),
    ink: token('ink'),
    soft: token('ink-2'),
    line: token('line'),
    surface: token('surface'),
    font: getComputedStyle(document.body).fontFamily,
  }
}

/** paper is the palette for paper, whatever the screen is. */
function paper(): Palette {
  const probe = document.createElement('div')
  probe.className = 'on-paper hidden'
  document.body.append(probe)
  const out = palette(probe)
  probe.remove()
  return out
}

/** Chart draws a shape on a canvas. What it shows is said in the label, and can be had as a table. */
export function Chart({
  card,
  shape,
  says,
  onPick,
}: {
  card: CardMeta
  shape: Shape
  says: string
  onPick: ((r: RowData, measure: string) => void) | undefined
}) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts>(undefined)
  const pick = useRef<(series: number, at: number) => void>(() => {})
  const { lit } = useTheme()
  pick.current = (series, at) => {
    const of = shape.series[series]
    const row = of?.rows[at]
    if (row) onPick?.(row, of.measure.name)
  }
  useEffect(() => {
    const el = box.current!
    const made = echarts.init(el, undefined, { renderer: 'canvas' })
    chart.current = made
    made.on('click', (e) => pick.current(e.seriesIndex ?? 0, e.dataIndex))
    const size = new ResizeObserver(() => made.resize())
    size.observe(el)
    return () => {
      size.disconnect()
      made.dispose()
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme and the language decide the tokens and texts
  useEffect(() => {
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    chart.current?.setOption(
      { ...chartOption(card, shape, palette(), !!onPick), animation: !still },
      { notMerge: true },
    )
  }, [card, shape, lit, !!onPick, locale()])
  const draw = useRef<() => void>(() => {})
  draw.current = () => {
    chart.current?.setOption({ ...chartOption(card, shape, palette(), !!onPick), animation: false }, { notMerge: true })
  }
  useEffect(() => {
    const before = (): void => {
      chart.current?.setOption({ ...chartOption(card, shape, paper(), false), animation: false }, { notMerge: true })
      chart.current?.getZr().flush()
    }
    const after = (): void => draw.current()
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [card, shape])
  const least = chartHeight(card, shape)
  const drawn = <div ref={box} className="dash-chart" style={{ minHeight: least }} role="img" aria-label={says} />
  if (!least) return drawn
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="dash-tall" tabIndex={0} aria-label={says}>
      {drawn}
    </section>
  )
}
