import { useId, useMemo, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { type Group, type Node, parse, type Row } from '../../cel/conditions.ts'
import { finished, print } from '../../cel/print.ts'
import { t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Combo } from '../../kit/combo.tsx'
import { Select, TextField } from '../../kit/field.tsx'
import type { Display } from '../../meta/record.ts'
import { filterField, filterFields, operatorsOf, operatorText, valueless } from './fields.ts'
import { useNames } from './sentence.ts'
import { ValueEditor } from './ValueEditor.tsx'
import './filter.css'

interface Props {
  app: string
  entity: string
  /** CEL, '' for no condition. */
  value: string
  onChange: (cel: string) => void
}

const deepest = 3

/** FilterBuilder builds a condition from rows of field, operator and value, or from a formula; both are the same text. */
export function FilterBuilder({ app, entity, value, onChange }: Props) {
  const [group, setGroup] = useState(() => parse(value))
  const [formula, setFormula] = useState(false)
  const [text, setText] = useState(value)
  const meta = useMeta(app)
  const names = useNames(meta, entity, text)
  const change = (next: Group): void => {
    setGroup(next)
    const cel = print(finished(next))
    setText(cel)
    onChange(cel)
  }
  const type = (cel: string): void => {
    setText(cel)
    setGroup(parse(cel))
    onChange(cel.trim())
  }
  return (
    <div className="filter">
      <div className="filter-mode">
        <Button size="s" look="ghost" aria-pressed={!formula} onPress={() => setFormula(false)}>
          {t('filter.rows')}
        </Button>
        <Button size="s" look="ghost" aria-pressed={formula} onPress={() => setFormula(true)}>
          {t('filter.formula')}
        </Button>
      </div>
      {formula ? (
        <div className="filter-text">
          <TextField
            label={t('filter.formula')}
            hideLabel
            rows={4}
            spellCheck="false"
            value={text}
            onChange={type}
            hint={t('filter.formulaHint', { example: 'qty > 0 && !blank(note)' })}
          />
        </div>
      ) : (
        <GroupRows app={app} entity={entity} group={group} names={names} depth={0} onChange={change} />
      )}
    </div>
  )
}

interface GroupProps {
  app: string
  entity: string
  group: Group
  names: Display
  depth: number
  onChange: (g: Group) => void
  onRemove?: () => void
}

function GroupRows({ app, entity, group, names, depth, onChange, onRemove }: GroupProps) {
  const meta = useMeta(app)
  const first = useMemo(() => filterFields(meta, entity).find((f) => f.field.name !== 'id'), [meta, entity])
  const put = (i: number, node: Node): void =>
    onChange({ ...group, items: group.items.map((n, k) => (k === i ? node : n)) })
  const drop = (i: number): void => onChange({ ...group, items: group.items.filter((_, k) => k !== i) })
  const add = (node: Node): void => onChange({ ...group, items: [...group.items, node] })
  const fresh = (): Row => ({
    kind: 'row',
    path: first?.path ?? 'id',
    op: operatorsOf(first?.field.kind ?? 'text')[0]!,
  })
  const ways = [
    { id: 'and', text: t('filter.all') },
    { id: 'or', text: t('filter.any') },
  ]
  return (
    <fieldset className={`filter-group ${depth ? 'filter-inner' : ''}`}>
      <legend className="hidden">{t(group.op === 'and' ? 'filter.all' : 'filter.any')}</legend>
      {(group.items.length > 1 || depth > 0) && (
        <div className="row">
          <Select
            label={t('filter.match')}
            hideLabel
            size="s"
            choices={ways}
            value={group.op}
            onChange={(op) => onChange({ ...group, op: op as Group['op'] })}
          />
          <span className="grow" />
          {onRemove && <IconButton icon="x" size="s" label={t('filter.removeGroup')} onPress={onRemove} />}
        </div>
      )}
      {group.items.length === 0 && depth === 0 && <p className="soft">{t('filter.none')}</p>}
      {group.items.map((n, i) =>
        n.kind === 'group' ? (
          <GroupRows
            key={i}
            app={app}
            entity={entity}
            group={n}
            names={names}
            depth={depth + 1}
            onChange={(g) => put(i, g)}
            onRemove={() => drop(i)}
          />
        ) : n.kind === 'raw' ? (
          <div key={i} className="filter-row filter-raw">
            <TextField label={t('filter.rawRow')} value={n.text} onChange={(text) => put(i, { kind: 'raw', text })} />
            <IconButton icon="x" size="s" label={t('filter.remove')} onPress={() => drop(i)} />
          </div>
        ) : (
          <ConditionRow
            key={i}
            app={app}
            entity={entity}
            row={n}
            names={names}
            onChange={(r) => put(i, r)}
            onRemove={() => drop(i)}
          />
        ),
      )}
      <div className="row row-wrap">
        <Button size="s" look="ghost" icon="plus" onPress={() => add(fresh())}>
          {t('filter.add')}
        </Button>
        {depth < deepest && (
          <Button
            size="s"
            look="ghost"
            icon="plus"
            onPress={() => add({ kind: 'group', op: group.op === 'and' ? 'or' : 'and', items: [fresh()] })}
          >
            {t('filter.addGroup')}
          </Button>
        )}
      </div>
    </fieldset>
  )
}

function ConditionRow({
  app,
  entity,
  row,
  names,
  onChange,
  onRemove,
}: {
  app: string
  entity: string
  row: Row
  names: Display
  onChange: (r: Row) => void
  onRemove: () => void
}) {
  const id = useId()
  const meta = useMeta(app)
  const fields = useMemo(() => filterFields(meta, entity), [meta, entity])
  const found = filterField(meta, entity, row.path)
  const choices = useMemo(() => {
    const list = fields.map((f) => ({ id: f.path, text: f.title }))
    return !found || list.some((c) => c.id === row.path) ? list : [{ id: row.path, text: found.title }, ...list]
  }, [fields, found, row.path])
  // A field that is gone or may not be read is shown as the text that it was.
  if (!found) {
    return (
      <div className="filter-row filter-raw">
        <TextField label={t('filter.rawRow')} isReadOnly value={row.source ?? row.path} />
        <IconButton icon="x" size="s" label={t('filter.remove')} onPress={onRemove} />
      </div>
    )
  }
  const { kind } = found.field
  const usual = operatorsOf(kind)
  const operators = usual.includes(row.op) ? usual : [row.op, ...usual]
  const choose = (path: string): void => {
    const next = filterField(meta, entity, path)?.field.kind ?? 'text'
    onChange({ kind: 'row', path, op: operatorsOf(next)[0]! })
  }
  return (
    <fieldset className="filter-row" aria-labelledby={id}>
      <span id={id} className="hidden">
        {found.title}
      </span>
      <Combo
        label={t('filter.field')}
        hideLabel
        choices={choices}
        value={row.path}
        onChange={(path) => path !== row.path && choose(path)}
      />
      <Select
        label={t('filter.operator')}
        hideLabel
        choices={operators.map((op) => ({ id: op, text: operatorText(op, kind) }))}
        value={row.op}
        onChange={(op) => {
          const next = op as Row['op']
          const keeps =
            !valueless(next) && (next === 'in' || next === 'notIn') === (row.op === 'in' || row.op === 'notIn')
          onChange({ kind: 'row', path: row.path, op: next, ...(keeps && row.value ? { value: row.value } : {}) })
        }}
      />
      <div className="filter-value">
        {!valueless(row.op) && (
          <ValueEditor
            app={app}
            entity={entity}
            field={found.field}
            op={row.op}
            value={row.value}
            names={names}
            onChange={(value) => onChange({ kind: 'row', path: row.path, op: row.op, ...(value ? { value } : {}) })}
          />
        )}
      </div>
      <IconButton icon="x" size="s" label={t('filter.remove')} onPress={onRemove} />
    </fieldset>
  )
}
