import type { Label } from '../../i18n/i18n.ts'
import type { Display, Rec } from '../../meta/record.ts'
import type { ColorMeta, ColumnMeta, Kind, OptionMeta, ViewMeta } from '../../meta/types.ts'

export interface FilterMeta {
  name: string
  title: Label
  kind: 'period' | 'day' | 'reference' | 'choice'
  entity?: string
  options?: OptionMeta[]
  default?: string
}

export interface MeasureMeta {
  name: string
  title: Label
  op: 'sum' | 'count' | 'avg' | 'min' | 'max' | 'distinct'
  kind: Kind
  scale?: number
  currency?: string
}

export interface GroupMeta {
  path: string
  title: Label
  kind: Kind
  by?: 'day' | 'week' | 'month' | 'quarter' | 'year'
  options?: OptionMeta[]
  target?: string
}

export type CardType = 'number' | 'bar' | 'line' | 'pie' | 'stacked' | 'pivot' | 'list'

export interface CardMeta {
  name: string
  title: Label
  help?: Label
  /** What it says where it has no groups or records. */
  empty?: Label
  type: CardType
  entity: string
  measures?: MeasureMeta[]
  group?: GroupMeta[]
  columns?: ColumnMeta[]
  /** Of a pivot: all keys are rows, the measures alone are columns. */
  flat?: boolean
  limit?: number
  compare?: string
  period?: string
  colors?: ColorMeta[]
  bind?: string[]
  width: number
  height: number
  view?: string
}

export interface DashboardMeta extends ViewMeta {
  filters: FilterMeta[]
  cards: CardMeta[]
}

/** Values of measures, or of keys: decimals as texts. */
export type Values = Record<string, string | number | boolean | null>

export interface RowData {
  key: Values
  measures: Values
  display?: Record<string, string>
  /** Which of the card's records are in the row, in a filter's words. */
  filter?: string
}

export interface Period {
  from: string
  to: string
}

/** What a card shows: groups, or records, or why neither can be had. */
export interface CardData {
  rows?: RowData[]
  more?: boolean
  total?: Values
  previous?: Values
  previous_period?: Period
  period?: Period
  colors?: string[] | Record<string, string[]>
  records?: Rec[]
  display?: Display
  filter?: string
  /** Which of the card's records are behind a measure, where not all are. */
  measure_filters?: Record<string, string>
  as_of?: string
  /** Fields that are being worked out in the background. */
  computing?: string[]
  problem?: { code: string; detail: string }
}

export interface DashboardData {
  filters: Record<string, Period | string>
  cards: Record<string, CardData>
}
