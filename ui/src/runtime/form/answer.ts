import type { Finding } from '../../api/problem.ts'
import type { Display } from '../../meta/record.ts'

/** A field as the form knows it. A new object whenever something of it changes, and only then. */
export interface FieldState {
  value: unknown
  error?: string
  hidden: boolean
  required: boolean
  readonly: boolean
  touched: boolean
  /** Somebody else has just changed it. */
  marked: boolean
}

/** What `:evaluate` answers. */
export interface Answer {
  values: Record<string, unknown>
  hidden: string[]
  required: string[]
  readonly: string[]
  diagnostics: Finding[]
  display?: Display
}

/** What is sent about the form as it stands. */
export interface Sent {
  stamp: number
  /** Keys of the lines in the order in which they were sent, per field. */
  lines: Record<string, string[]>
}

/** What a draft keeps. */
export interface Kept {
  version: number
  values: Record<string, unknown>
  display: Display
  at: string
}
