import { useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { titlesOf } from '../../meta/find.ts'
import type { Display } from '../../meta/record.ts'
import type { EntityMeta } from '../../meta/types.ts'
import type { Conflict } from '../form/merge.ts'
import { Shown } from '../form/Shown.tsx'
import type { Open } from './session.ts'

function Value({ c, v, display }: { c: Conflict; v: unknown; display: Display }) {
  if (c.field.kind === 'lines' && !c.column) {
    if (v === null) return <em>{t('record.lineGone')}</em>
    const line = v as Record<string, unknown>
    const said = (c.field.lines ?? []).filter((f) => f.writable && f.required && line[f.name] != null).slice(0, 4)
    return (
      <span className="shown-many">
        {said.map((f) => (
          <Shown key={f.name} field={f} value={line[f.name]} display={display} compact />
        ))}
      </span>
    )
  }
  return <Shown field={c.column ?? c.field} value={v} display={display} />
}

function titleOf(c: Conflict, position: number): string {
  const name = label(c.field.title, c.field.name)
  if (c.field.kind !== 'lines') return name
  if (!c.column) return `${name} ${position}`
  return t('form.lineField', { lines: name, n: position, field: label(c.column.title, c.column.name) })
}

/** MergeDialog decides field by field what stands where two people changed the same. */
export function MergeDialog({
  entity,
  open,
  base,
  display,
  who,
  onDecide,
}: {
  entity: EntityMeta
  open: Open
  base: Record<string, unknown> | undefined
  display: Display
  who: string
  onDecide: (chosen: Record<string, 'mine' | 'theirs'> | undefined) => void
}) {
  const [chosen, setChosen] = useState<Record<string, 'mine' | 'theirs'>>({})
  const { conflicts, theirs } = open.merged
  const all = (side: 'mine' | 'theirs'): void => setChosen(Object.fromEntries(conflicts.map((c) => [c.path, side])))
  const names = { ...open.theirs.display, ...display }
  const position = (c: Conflict): number => {
    const [, id] = c.path.split('/')
    const at = (list: unknown): number =>
      (Array.isArray(list) ? list : []).findIndex((l: { id?: string }) => l.id === id)
    return Math.max(at(open.theirs[c.field.name]), at(base?.[c.field.name])) + 1
  }
  const clashing = new Set(conflicts.map((c) => c.field.name))
  const others = theirs.filter((n) => !clashing.has(n))
  const left = conflicts.filter((c) => !chosen[c.path]).length
  return (
    <Dialog
      title={t('record.conflictTitle')}
      open
      look="wide"
      dismissable={false}
      onClose={() => onDecide(undefined)}
      foot={
        <>
          <Button onPress={() => onDecide(undefined)}>{t('common.cancel')}</Button>
          <Button look="primary" isDisabled={left > 0} onPress={() => onDecide(chosen)}>
            {left > 0 ? t('record.conflictLeft', { n: left }) : t(open.then ? 'record.mergeSave' : 'record.mergeTake')}
          </Button>
        </>
      }
    >
      <p>{t('record.conflictText', { who })}</p>
      {others.length > 0 && <p className="soft">{t('record.conflictOthers', { fields: titlesOf(entity, others) })}</p>}
      <div className="row row-wrap merge-all">
        <Button size="s" onPress={() => all('mine')}>
          {t('record.allMine')}
        </Button>
        <Button size="s" onPress={() => all('theirs')}>
          {t('record.allTheirs')}
        </Button>
      </div>
      {conflicts.map((c) => (
        <fieldset key={c.path} className="merge">
          <legend>{titleOf(c, position(c))}</legend>
          <p className="merge-base soft">
            {t('record.was')} <Value c={c} v={c.base} display={names} />
          </p>
          {(['mine', 'theirs'] as const).map((side) => (
            <label key={side} className="merge-side">
              <input
                type="radio"
                name={c.path}
                checked={chosen[c.path] === side}
                onChange={() => setChosen({ ...chosen, [c.path]: side })}
              />
              <span className="merge-who">{side === 'mine' ? t('record.mine') : t('record.theirs', { who })}</span>
              <Value c={c} v={c[side]} display={names} />
            </label>
          ))}
        </fieldset>
      ))}
    </Dialog>
  )
}
