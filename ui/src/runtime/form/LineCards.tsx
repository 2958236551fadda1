import { useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { lineContext } from './LineRow.tsx'
import type { LinesProps } from './LinesGrid.tsx'
import { telling } from './layout.ts'
import { isBlank, sum } from './lines.ts'
import { Shown } from './Shown.tsx'
import { Widget } from './Widget.tsx'

/** LineCards shows lines one below the other; each opens in a sheet to be filled in. */
export function LineCards({ ctx, field, columns, rows, acts, readOnly, title }: LinesProps) {
  const { store } = ctx
  const [open, setOpen] = useState<string>()
  const [head, ...rest] = columns
  const at = rows.findIndex((l) => l.$key === open)
  const line = rows[at]
  const go = (by: number): void => setOpen(rows[at + by]?.$key)
  if (!head) return null
  return (
    <>
      <ul className="line-cards" aria-label={title}>
        {rows.map((l, i) => {
          const wrong = columns.some((c) => store.lineError(field.name, l.$key, c.path))
          return (
            <li key={l.$key}>
              <button
                type="button"
                className={`line-card ${wrong ? 'line-card-bad' : ''}`}
                data-path={`${field.name}/${l.$key}/`}
                onClick={() => setOpen(l.$key)}
              >
                <span className="line-card-head">
                  <span className="lines-no">{i + 1}</span>
                  {isBlank(l) ? (
                    t('form.emptyLine')
                  ) : (
                    <Shown field={head} value={l[head.path]} display={store.display} compact />
                  )}
                </span>
                <span className="line-card-rest">
                  {telling(rest, l).map((c) => (
                    <span key={c.path}>
                      <span className="soft">{label(c.title)} </span>
                      <Shown field={c} value={l[c.path]} display={store.display} compact />
                    </span>
                  ))}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {rows.length > 0 && (
        <p className="line-card-sum">
          {columns
            .filter((c) => c.total === 'sum' && sum(rows, c.path) !== undefined)
            .map((c) => (
              <span key={c.path}>
                <span className="soft">Σ {label(c.title)} </span>
                <Shown field={c} value={sum(rows, c.path)} compact />
              </span>
            ))}
        </p>
      )}
      {line && (
        <Dialog
          title={`${title} ${at + 1} / ${rows.length}`}
          open
          look="side"
          onClose={() => setOpen(undefined)}
          foot={
            <>
              <IconButton icon="left" label={t('common.previous')} isDisabled={at === 0} onPress={() => go(-1)} />
              <IconButton
                icon="right"
                label={t('common.next')}
                isDisabled={at === rows.length - 1}
                onPress={() => go(1)}
              />
              {!readOnly && (
                <>
                  <IconButton
                    icon="delete"
                    label={t('form.removeLine')}
                    onPress={() => {
                      setOpen(undefined)
                      acts.remove(line.$key)
                    }}
                  />
                  <IconButton
                    icon="copy"
                    label={t('form.copyLine')}
                    onPress={() => setOpen(acts.copy(line.$key)?.$key)}
                  />
                </>
              )}
              <Button look="primary" onPress={() => setOpen(undefined)}>
                {t('common.done')}
              </Button>
            </>
          }
        >
          <div className="stack">
            {columns.map((c) =>
              c.field.writable && !readOnly ? (
                <Widget
                  key={`${line.$key}/${c.path}`}
                  app={ctx.app}
                  entity={store.entity.name}
                  field={c.field}
                  value={line[c.path] ?? null}
                  display={store.display}
                  label={label(c.title, c.path)}
                  required={c.field.required}
                  error={store.lineError(field.name, line.$key, c.path)}
                  currency={c.currency}
                  context={() => lineContext(ctx, field, line.$key, c.path)}
                  onDisplay={(d) => store.learn(d)}
                  onChange={(v) => acts.set(line.$key, c.path, v)}
                  onGiven={(values) => acts.fill(line.$key, values)}
                />
              ) : line[c.path] == null || line[c.path] === '' ? null : (
                <div key={c.path} className="line-fact">
                  <span className="soft">{label(c.title, c.path)}</span>
                  <Shown field={c} value={line[c.path]} display={store.display} />
                </div>
              ),
            )}
          </div>
        </Dialog>
      )}
    </>
  )
}
