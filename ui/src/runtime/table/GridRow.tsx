import { memo, type ReactNode } from 'react'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { paletteOf } from '../../kit/tag.tsx'
import type { Display, Rec } from '../../meta/record.ts'
import type { ColorMeta } from '../../meta/types.ts'
import { CellText, repeats, rulesAt, Words } from './Cell.tsx'
import type { Column } from './columns.ts'

export const gutter = 52

/** Which columns are drawn, beside the fixed ones. */
export interface Stretch {
  from: number
  to: number
  offset: number
}

export interface RowProps {
  index: number
  top: number
  /** Its number within its group. */
  number: number
  rec?: Rec
  columns: Column[]
  stretch: Stretch
  display: Display
  rules: ColorMeta[]
  /** The column with the focus, and those that are marked; -1 for none. Column 0 is the gutter. */
  active: number
  left: number
  right: number
  checked: boolean
  marks?: Set<string>
  gone: boolean
  href: string
  problems?: Record<string, string>
  editing: number
  editor?: ReactNode
}

/** leftOf is where each fixed column stands. */
export function leftOf(columns: Column[], index: number): number {
  let x = gutter
  for (let i = 0; i < index; i++) if (columns[i]!.fixed) x += columns[i]!.width
  return x
}

/** drawn lists the columns that are drawn: the fixed ones, and the stretch. */
export function drawn(columns: Column[], s: Stretch): number[] {
  const fixed = columns.flatMap((c, i) => (c.fixed ? [i] : []))
  return [...fixed, ...Array.from({ length: Math.max(0, s.to - s.from) }, (_, i) => s.from + i)]
}

function cellClass(p: RowProps, i: number, c: Column, rules: ColorMeta[]): string {
  const at = i + 1
  const own = rules.find((r) => r.field)
  return [
    'tv-cell',
    c.right ? 'tv-right' : '',
    own ? `tint-${paletteOf(own.color)}` : '',
    p.left >= 0 && at >= p.left && at <= p.right ? 'tv-marked' : '',
    p.marks && (p.marks.has(c.path.split('.')[0]!) || p.marks.has(c.path)) ? 'tv-changed' : '',
    p.problems?.[c.path] ? 'tv-wrong' : '',
    p.editing === at ? 'tv-editing' : '',
  ].join(' ')
}

function Content({ p, i, c, rules }: { p: RowProps; i: number; c: Column; rules: ColorMeta[] }) {
  if (p.editing === i + 1) return <>{p.editor}</>
  if (!p.rec) return i % 2 === 0 ? <span className="tv-bone" /> : null
  const { rec } = p
  const text = <CellText column={c} rec={rec} display={p.display} />
  const words = <Words rules={rules.filter((r) => !repeats(r, c, rec))} />
  if (i > 0)
    return rules.length ? (
      <>
        {c.right ? words : null}
        {text}
        {c.right ? null : words}
      </>
    ) : (
      text
    )
  return (
    <>
      <a className="tv-open" href={p.href} tabIndex={-1} data-open="">
        {text}
      </a>
      {words}
    </>
  )
}

function Cell({ p, i, margin }: { p: RowProps; i: number; margin?: number }) {
  const c = p.columns[i]!
  const rules = p.rec ? rulesAt(p.columns, i, p.rules) : []
  return (
    <div
      role="gridcell"
      aria-colindex={i + 2}
      aria-readonly={c.edit ? undefined : true}
      aria-invalid={p.problems?.[c.path] ? true : undefined}
      title={p.problems?.[c.path]}
      data-row={p.index}
      data-col={i + 1}
      tabIndex={p.active === i + 1 ? 0 : -1}
      className={cellClass(p, i, c, rules)}
      style={{ width: c.width, marginLeft: margin }}
    >
      <Content p={p} i={i} c={c} rules={rules} />
    </div>
  )
}

/** GridRow is one record of the grid. What it does is heard by the grid. The fixed cells stick together: one element to
 * keep in its place instead of one for each. */
export const GridRow = memo(function GridRow(p: RowProps) {
  const { columns, index } = p
  const row = p.rules.find((r) => !r.field)
  const cells = drawn(columns, p.stretch)
  const fixed = cells.filter((i) => columns[i]!.fixed)
  const free = cells.filter((i) => !columns[i]!.fixed)
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={p.checked}
      title={p.gone ? t('table.gone') : undefined}
      className={`tv-row ${p.checked ? 'tv-checked' : ''} ${p.gone ? 'tv-gone' : ''} ${p.editing >= 0 ? 'tv-open-row' : ''} ${row ? `tv-tinted tv-edge-${paletteOf(row.color)}` : ''}`}
      style={{ transform: `translateY(${p.top}px)` }}
    >
      <div role="presentation" className="tv-pinned">
        <div
          role="gridcell"
          aria-colindex={1}
          aria-label={t('table.rowCell', { n: count(p.number) })}
          data-row={index}
          data-col={0}
          tabIndex={p.active === 0 ? 0 : -1}
          className="tv-cell tv-gutter"
        >
          {count(p.number)}
        </div>
        {fixed.map((i) => (
          <Cell key={columns[i]!.path} p={p} i={i} />
        ))}
      </div>
      {free.map((i, n) => (
        <Cell key={columns[i]!.path} p={p} i={i} margin={n === 0 ? p.stretch.offset : undefined} />
      ))}
    </div>
  )
})
