import { compact } from '../../i18n/format.ts'
import { measured, type Series, type Shape } from './dashboard.ts'
import type { CardMeta } from './types.ts'

/** Colours of the theme, as a canvas needs them. */
export interface Palette {
  series: string[]
  ink: string
  soft: string
  line: string
  surface: string
  font: string
}

const widest = 14 // characters of a category on an axis
const longName = 7 // and of one that still stands under a bar

// The drawing alone needs numbers; what is read comes from the exact texts.
const size = (v: Series['values'][number]): number | null => (v === undefined || v === null ? null : Number(v))
const short = (s: string): string => (s.length > widest ? `${s.slice(0, widest - 1)}…` : s)

// Names of things are read best beside bars that lie; time runs from left to right.
const lies = (card: CardMeta, shape: Shape): boolean =>
  (card.type === 'bar' || card.type === 'stacked') &&
  !card.group?.[0]?.by &&
  shape.categories.some((c) => c.length > longName)

const barHeight = 22

/** chartHeight is the least height in which every bar that lies has its name; undefined where any will do. */
export function chartHeight(card: CardMeta, shape: Shape): number | undefined {
  const bars = shape.categories.length * (card.type === 'bar' ? shape.series.length : 1)
  return lies(card, shape) ? Math.max(bars, shape.categories.length) * barHeight + 60 : undefined
}

interface Point {
  seriesIndex?: number
  dataIndex: number
}

/** chartOption is what echarts draws for a shape. */
export function chartOption(card: CardMeta, shape: Shape, p: Palette, clicks: boolean): Record<string, unknown> {
  const text = (point: Point): string => {
    const s = shape.series[point.seriesIndex ?? 0]
    return s ? measured(s.measure, s.values[point.dataIndex]) : ''
  }
  const base = {
    color: p.series,
    textStyle: { fontFamily: p.font, color: p.ink },
    legend: {
      show: card.type === 'pie' || shape.series.length > 1,
      type: 'scroll',
      bottom: 0,
      textStyle: { color: p.soft },
      pageTextStyle: { color: p.soft },
      pageIconColor: p.ink,
      itemWidth: 12,
      itemHeight: 12,
    },
    tooltip: {
      renderMode: 'richText', // a tip in HTML would need styles that the content policy forbids
      trigger: card.type === 'pie' ? 'item' : 'axis',
      backgroundColor: p.surface,
      borderColor: p.line,
      textStyle: { color: p.ink },
      confine: true,
      formatter: (at: Point | Point[]): string => {
        const points = Array.isArray(at) ? at : [at]
        const head = shape.categories[points[0]?.dataIndex ?? 0] ?? ''
        const lines = points.flatMap((x) => {
          const s = shape.series[x.seriesIndex ?? 0]
          return s && s.values[x.dataIndex] !== undefined ? [`${s.title}  ${text(x)}`] : []
        })
        return [head, ...lines].join('\n')
      },
    },
  }
  const cursor = clicks ? 'pointer' : 'default'
  if (card.type === 'pie') {
    const [s] = shape.series
    return {
      ...base,
      series: [
        {
          type: 'pie',
          radius: ['48%', '74%'],
          center: ['50%', '44%'],
          cursor,
          itemStyle: { borderColor: p.surface, borderWidth: 2 },
          label: { show: false },
          data: shape.categories.map((name, i) => ({ name, value: size(s?.values[i]) })),
        },
      ],
    }
  }
  const lying = lies(card, shape)
  const names = {
    type: 'category',
    data: shape.categories,
    inverse: lying,
    axisLabel: { color: p.soft, hideOverlap: !lying, interval: lying ? 0 : 'auto', formatter: short },
    axisLine: { lineStyle: { color: p.line } },
    axisTick: { show: false },
  }
  const sizes = {
    type: 'value',
    axisLabel: { color: p.soft, hideOverlap: true, formatter: (n: number) => compact(String(n)) },
    splitLine: { lineStyle: { color: p.line } },
  }
  return {
    ...base,
    grid: { left: 4, right: 16, top: 16, bottom: base.legend.show ? 34 : 6, containLabel: true },
    xAxis: lying ? sizes : names,
    yAxis: lying ? names : sizes,
    series: shape.series.map((s) => ({
      name: s.title,
      type: card.type === 'line' ? 'line' : 'bar',
      stack: card.type === 'stacked' ? 'all' : undefined,
      cursor,
      barMaxWidth: 36,
      symbol: 'circle',
      symbolSize: 6,
      itemStyle: card.type === 'bar' ? { borderRadius: lying ? [0, 3, 3, 0] : [3, 3, 0, 0] } : undefined,
      data: s.values.map(size),
    })),
  }
}
