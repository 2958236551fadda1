import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { Problem } from '../../api/problem.ts'
import { recordQuery } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { useTitle } from '../../kit/page.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf, isSystem, tableOf } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { type Command, useCommands } from '../../shell/commands.ts'
import { sectionsOf } from '../form/layout.ts'
import { Leave } from './Leave.tsx'
import { RecordForm, useFormView } from './RecordForm.tsx'
import { useSession } from './session.ts'

interface Search {
  from?: string
  set?: string
  view?: string
}

function given(text: string | undefined): Record<string, unknown> {
  try {
    const v: unknown = JSON.parse(text ?? '{}')
    return v && typeof v === 'object' && !Array.isArray(v) ? (v as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** copied is what a new record takes over of another: what somebody may fill in. */
export function copied(entity: EntityMeta, r: Rec | undefined): Record<string, unknown> {
  if (!r) return {}
  const out: Record<string, unknown> = {}
  for (const f of entity.fields) {
    const v = r[f.name]
    if (!f.writable || isSystem(f.name) || f.name === entity.state_field || v === null || v === undefined) continue
    out[f.name] = v
  }
  return out
}

/** NewPage makes a record: empty, with some values, or as a copy of another. */
export function NewPage() {
  const { app, entity } = useParams({ strict: false }) as { app: string; entity: string }
  const { from, set, view } = useSearch({ strict: false }) as Search
  const e = entityOf(useMeta(app), entity)
  const copy = useQuery({ ...recordQuery(app, entity, from ?? ''), enabled: !!from })
  const form = useFormView(app, entity, view)
  const [count, setCount] = useState(0)
  if (!e) return <Failed alone error={new Problem(404, {})} />
  if (!e.actions.includes('create')) return <Failed alone error={new Problem(403, {})} />
  if (copy.error) return <Failed alone error={copy.error} />
  if (form.error) return <Failed alone error={form.error} retry={form.retry} />
  if (!form.ready || (from && !copy.data))
    return (
      <div className="page">
        <Skeleton shape="form" />
      </div>
    )
  return (
    <Fresh
      key={`${entity} ${from ?? ''} ${set ?? ''} ${count}`}
      app={app}
      entity={e}
      view={form.view}
      table={view}
      source={copy.data}
      set={given(set)}
      again={() => setCount(count + 1)}
    />
  )
}

function firstOf(entity: EntityMeta, view: ViewMeta | undefined): string | undefined {
  const names = sectionsOf(entity, view).flatMap((s) => s.items.map((i) => i.field))
  return names.find((n) => entity.fields.some((f) => f.name === n && f.writable && f.kind !== 'lines' && !isSystem(n)))
}

function Fresh({
  app,
  entity,
  view,
  table,
  source,
  set,
  again,
}: {
  app: string
  entity: EntityMeta
  view?: ViewMeta
  table?: string
  source?: Rec
  set: Record<string, unknown>
  again: () => void
}) {
  const navigate = useNavigate()
  const meta = useMeta(app)
  const session = useSession({
    app,
    entity,
    form: view?.name,
    set: { ...copied(entity, source), ...set },
    display: source?.display,
    fixed: false,
  })
  const title = t('form.create', { entity: label(entity.title, entity.name) })
  useTitle(title)
  const save = (next: boolean): void => {
    if (session.saving) return
    void session.save().then((r) => {
      if (!r) return
      if (next) again()
      else
        void navigate({
          to: '/a/$app/r/$entity/$id',
          params: { app, entity: entity.name, id: r.id },
          search: { view: table },
          replace: true,
        })
    })
  }
  const back = (): void => {
    const to = table ?? tableOf(meta, entity.name)
    void navigate(
      to ? { to: '/a/$app/v/$view', params: { app, view: to }, search: {} } : { to: '/a/$app', params: { app } },
    )
  }
  const latest = useRef(save)
  latest.current = save
  const commands = useMemo<Command[]>(
    () => [
      { id: 'record.save', text: t('common.save'), icon: 'save', keys: 'mod+s', act: () => latest.current(false) },
      {
        id: 'record.saveNew',
        text: t('record.saveNew'),
        icon: 'plus',
        keys: 'mod+shift+enter',
        act: () => latest.current(true),
      },
    ],
    [],
  )
  useCommands(commands)
  return (
    <div className="page record">
      <header className="record-head">
        <IconButton icon="back" label={t('common.back')} onPress={back} className="noprint" />
        <h1>{title}</h1>
        <span className="grow" />
        <div className="record-acts noprint">
          <Button isDisabled={session.saving} onPress={() => save(true)}>
            {t('record.saveNew')}
          </Button>
          <Button
            look="primary"
            icon="save"
            isDisabled={session.saving}
            onPress={() => save(false)}
            className="record-save"
          >
            {t(session.saving ? 'common.saving' : 'common.save')}
          </Button>
        </div>
      </header>
      <RecordForm app={app} entity={entity} view={view} session={session} fixed={false} first={firstOf(entity, view)} />
      <Leave store={session.store} />
    </div>
  )
}
