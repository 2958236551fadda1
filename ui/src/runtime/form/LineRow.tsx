import { memo } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { type Display, isNumeric, show } from '../../meta/record.ts'
import type { FieldMeta } from '../../meta/types.ts'
import type { FormContext } from './FormField.tsx'
import type { LineActs } from './LinesField.tsx'
import type { Spot } from './LinesGrid.tsx'
import type { LineColumn } from './layout.ts'
import { around, type Line } from './lines.ts'
import { Shown } from './Shown.tsx'
import { Widget } from './Widget.tsx'

interface Props {
  ctx: FormContext
  field: FieldMeta
  columns: LineColumn[]
  line: Line
  index: number
  display: Display
  /** The column that is being filled in, or -1. */
  col: number
  errors: string
  readOnly: boolean
  acts: LineActs
  go: (to: Spot | undefined) => void
  step: (by: 1 | -1) => boolean
  remove: (key: string) => void
}

/** lineContext says how the record stands, for the options of a line's references. */
export function lineContext({ store, form }: FormContext, field: FieldMeta, key: string, column: string) {
  return {
    id: store.base?.id,
    ...around(store.patch(true).values, store.lines(field.name), field, key),
    form,
    path: `${field.name}.${column}`,
  }
}

/** sameRow lets a row be as long as nothing of it changed; the functions read the form when they are called. */
function sameRow(a: Props, b: Props): boolean {
  return (
    a.line === b.line &&
    a.index === b.index &&
    a.col === b.col &&
    a.errors === b.errors &&
    a.readOnly === b.readOnly &&
    a.columns === b.columns &&
    a.display === b.display &&
    b.col === -1
  )
}

/** LineRow is one line: values to read, and an input where the focus is. */
export const LineRow = memo(function LineRow(p: Props) {
  const { ctx, field, columns, line, index, col, readOnly } = p
  const errors = p.errors ? p.errors.split('\u0001') : []
  const wrong = errors.filter(Boolean)
  return (
    <tr className={`${col >= 0 ? 'lines-active' : ''} ${wrong.length ? 'lines-wrong' : ''}`}>
      <th scope="row" className="lines-no">
        {index + 1}
      </th>
      {columns.map((c, i) => {
        const editing = i === col
        const may = c.field.writable && !readOnly
        const name = `${label(c.title, c.path)} ${index + 1}`
        const open = (): void => {
          if (may && !editing) p.go({ key: line.$key, col: i })
        }
        return (
          <td
            key={c.path}
            className={`${isNumeric(c.kind) ? 'num' : ''} ${may ? '' : 'lines-fixed'}`}
            title={errors[i] || undefined}
          >
            {editing ? (
              <Widget
                app={ctx.app}
                entity={ctx.store.entity.name}
                field={c.field}
                value={line[c.path] ?? null}
                display={p.display}
                label={name}
                hideLabel
                compact
                autoFocus
                error={errors[i] || undefined}
                currency={c.currency}
                required={c.field.required}
                context={() => lineContext(ctx, field, line.$key, c.path)}
                onDisplay={(d) => ctx.store.learn(d)}
                onChange={(v) => p.acts.set(line.$key, c.path, v)}
                onGiven={(values) => p.acts.fill(line.$key, values)}
                onCommit={() => p.step(1)}
              />
            ) : may ? (
              // A cell that may be filled in opens when it gets the focus.
              <button
                type="button"
                className={`lines-cell ${errors[i] ? 'lines-bad' : ''}`}
                data-path={`${field.name}/${line.$key}/${c.path}`}
                aria-label={`${name}: ${show(c, line[c.path], p.display)} ${errors[i] ?? ''}`}
                onFocus={open}
                onClick={open}
              >
                <Shown field={c} value={line[c.path]} display={p.display} compact />
              </button>
            ) : (
              <span className={`lines-cell ${errors[i] ? 'lines-bad' : ''}`}>
                <Shown field={c} value={line[c.path]} display={p.display} compact />
              </span>
            )}
          </td>
        )
      })}
      {!readOnly && (
        <td className="lines-acts noprint">
          <span className="lines-buttons">
            {col >= 0 && (
              <>
                <Act icon="up" text={t('common.moveUp')} act={() => p.acts.move(line.$key, -1)} />
                <Act icon="down" text={t('common.moveDown')} act={() => p.acts.move(line.$key, 1)} />
                <Act icon="copy" text={t('form.copyLine')} act={() => p.acts.copy(line.$key)} />
              </>
            )}
            <Act icon="delete" text={`${t('form.removeLine')} ${index + 1}`} act={() => p.remove(line.$key)} />
          </span>
        </td>
      )}
    </tr>
  )
}, sameRow)

function Act({ icon, text, act }: { icon: string; text: string; act: () => void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className="btn btn-icon btn-ghost btn-s"
      aria-label={text}
      title={text}
      onMouseDown={(e) => e.preventDefault()}
      onClick={act}
    >
      <Icon name={icon} size={14} />
    </button>
  )
}
