import type { Label } from '../i18n/i18n.ts'

/** The kinds of fields, as documents name them. */
export type Kind =
  | 'text'
  | 'longtext'
  | 'richtext'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'percent'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'time'
  | 'duration'
  | 'choice'
  | 'choices'
  | 'reference'
  | 'references'
  | 'lines'
  | 'tree'
  | 'user'
  | 'department'
  | 'file'
  | 'image'
  | 'barcode'
  | 'phone'
  | 'email'
  | 'link'
  | 'number'
  | 'json'

export interface OptionMeta {
  name: string
  title: Label
  color?: string
  retired?: boolean
}

export interface FieldMeta {
  name: string
  title: Label
  help?: Label
  kind: Kind
  required?: boolean
  computed?: boolean
  /** Filled in where nobody does. */
  preset?: boolean
  writable: boolean
  masked?: boolean
  /** Means nothing to people: how rows find each other. */
  technical?: boolean
  max_length?: number
  /** Of files: how big one may be. */
  max_bytes?: number
  /** Of pictures: the types that may be put in. */
  accept?: string[]
  /** Of a text: lists what may be chosen, or what is suggested. */
  choices?: 'suggest' | 'strict'
  precision?: number
  scale?: number
  /** Of an amount: the field that says in what. */
  currency_field?: string
  target?: string
  /** Of a reference: what is still open of a record that may be chosen. */
  open?: Label
  options?: OptionMeta[]
  lines?: FieldMeta[]
}

export interface MoveMeta {
  name: string
  title: Label
  from: string[]
  to: string
  /** No transition leaves the state that it leads to. */
  final?: boolean
}

/** What a person may do with an entity. */
export type Action = 'read' | 'create' | 'update' | 'delete' | 'transition' | 'export' | 'import' | 'assign'

export interface EntityMeta {
  name: string
  title: Label
  icon?: string
  display?: string
  actions: Action[]
  state_field?: string
  /** The state that a new record begins in. */
  initial_state?: string
  transitions?: MoveMeta[]
  /** Of what a ledger keeps. */
  kept?: 'entry' | 'balance' | 'cost'
  /** Entries of ledgers that hold the record's id in their field document. */
  posts_to?: string[]
  fields: FieldMeta[]
}

export interface MenuMeta {
  name: string
  title: Label
  icon?: string
  view?: string
  items?: MenuMeta[]
}

export type ViewType = 'form' | 'table' | 'board' | 'calendar' | 'dashboard'

/** An app as the person sees it: what isn't granted isn't in it. */
export interface AppMeta {
  app: string
  title: Label
  icon?: string
  version: string
  timezone: string
  currency: string
  generation: number
  home?: string
  roles: string[]
  entities: EntityMeta[]
  views: { name: string; title: Label; type: ViewType; entity: string }[]
  menu: MenuMeta[]
}

export interface ColumnMeta {
  path: string
  title: Label
  kind: Kind
  precision?: number
  scale?: number
  currency?: string
  currency_field?: string
  options?: OptionMeta[]
  target?: string
  width?: number
  total?: '' | 'sum' | 'avg' | 'min' | 'max' | 'count'
  fixed?: boolean
  sortable?: boolean
  writable?: boolean
  masked?: boolean
  only?: Medium
  /** Of lines: shown only while a condition over their record holds. */
  conditional?: boolean
}

/** Where a part of a form is shown alone. */
export type Medium = 'screen' | 'print'

export interface SortMeta {
  field: string
  desc?: boolean
}

/** The colours that a document may use; each has a soft ground and an ink that reads on it. */
export type ColorName = 'red' | 'orange' | 'yellow' | 'green' | 'blue' | 'purple' | 'gray'

export interface ColorMeta {
  name: string
  color: ColorName
  title: Label
  field?: string
}

export interface FormItemMeta {
  field: string
  span?: number
  help?: Label
  only?: Medium
  columns?: ColumnMeta[]
}

export interface SectionMeta {
  name: string
  title: Label
  tab?: Label
  columns: number
  items: FormItemMeta[]
}

/** A view as the person sees it. What a type lacks is undefined. */
export interface ViewMeta {
  name: string
  title: Label
  help?: Label
  type: ViewType
  entity: string
  form?: string
  columns?: ColumnMeta[]
  sort?: SortMeta[]
  colors?: ColorMeta[]
  group?: string
  page_size?: number
  saved?: { name: string; title: Label; sort?: SortMeta[] }[]
  by?: string
  board_columns?: { value: string; title: Label; color?: string; limit?: number }[]
  sum?: string
  lane?: string
  start?: string
  end?: string
  sections?: SectionMeta[]
  print?: PaperMeta
}

/** What is particular of a form's records on paper. */
export interface PaperMeta {
  title?: Label
  orientation?: 'portrait' | 'landscape'
  note?: Label
  signatures?: Label[]
}
