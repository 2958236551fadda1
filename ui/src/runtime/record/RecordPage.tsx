import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { call } from '../../api/client.ts'
import { Problem, problemOf } from '../../api/problem.ts'
import { entityPath, recordQuery, verbPath } from '../../api/records.ts'
import { moment } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Menu } from '../../kit/menu.tsx'
import { useTitle } from '../../kit/page.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { Tabs } from '../../kit/tabs.tsx'
import { toast, toastProblem } from '../../kit/toast.tsx'
import { entityOf, tableOf } from '../../meta/find.ts'
import { type Display, type Rec, show } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { type Command, useCommands, usePrintCommand } from '../../shell/commands.ts'
import { sectionsOf } from '../form/layout.ts'
import { putBack } from '../form/merge.ts'
import { Shown } from '../form/Shown.tsx'
import { sending } from '../form/upload.ts'
import { useWhole } from '../form/useForm.ts'
import { Gone } from './Gone.tsx'
import { Leave } from './Leave.tsx'
import { Moves } from './Moves.tsx'
import { People } from './People.tsx'
import { Posted } from './Posted.tsx'
import { changedBy, RecordForm, useFormView, useOthers } from './RecordForm.tsx'
import { useSession } from './session.ts'

const Explain = lazy(() => import('./Explain.tsx').then((m) => ({ default: m.Explain })))
const Comments = lazy(() => import('./Comments.tsx').then((m) => ({ default: m.Comments })))
const History = lazy(() => import('./History.tsx').then((m) => ({ default: m.History })))
const Related = lazy(() => import('./Related.tsx').then((m) => ({ default: m.Related })))
const Why = lazy(() => import('./Why.tsx').then((m) => ({ default: m.Why })))

/** titleOf is what a record is called. */
export function titleOf(entity: EntityMeta, r: Rec): string {
  const f = entity.fields.find((x) => x.name === entity.display)
  return (f && show(f, r[f.name], r.display)) || label(entity.title, entity.name)
}

/** RecordPage shows one record: to read, to change, to move on, with what others say and did. */
export function RecordPage() {
  const { app, entity, id } = useParams({ strict: false }) as { app: string; entity: string; id: string }
  const { view: from } = useSearch({ strict: false }) as { view?: string }
  const e = entityOf(useMeta(app), entity)
  const { data, error, refetch } = useQuery({ ...recordQuery(app, entity, id), enabled: !!e })
  const form = useFormView(app, entity, from)
  if (!e) return <Failed alone error={new Problem(404, {})} />
  if (error && !data)
    return problemOf(error).missing ? (
      <Gone app={app} entity={e} id={id} back={refetch} />
    ) : (
      <Failed alone error={error} retry={() => void refetch()} />
    )
  if (form.error) return <Failed alone error={form.error} retry={form.retry} />
  if (!data || !form.ready)
    return (
      <div className="page">
        <Skeleton shape="form" />
      </div>
    )
  return <Opened key={id} app={app} entity={e} first={data} view={form.view} from={from} />
}

function Opened({
  app,
  entity,
  first,
  view,
  from,
}: {
  app: string
  entity: EntityMeta
  first: Rec
  view?: ViewMeta
  from?: string
}) {
  const navigate = useNavigate()
  const meta = useMeta(app)
  const [record] = useState(first)
  const may = entity.actions
  const unchangeable = !may.includes('update')
  const session = useSession({ app, entity, form: view?.name, record, fixed: unchangeable })
  const { store, saving } = session
  const waiting = useOthers(app, entity.name, session, record)
  const dirty = useWhole(store, () => store.dirty)
  const base = useWhole(store, () => store.base) ?? record
  const names = useMemo(() => sectionsOf(entity, view).flatMap((s) => s.items.map((i) => i.field)), [view, entity])
  const editable = useWhole(store, () => !unchangeable && store.editable(names))
  const [why, setWhy] = useState(false)
  const [explained, setExplained] = useState<string>() // the field; "" is the first that is computed
  const [tab, setTab] = useState('related')
  const below = useRef<HTMLDivElement>(null)
  const title = titleOf(entity, base)
  const kind = label(entity.title, entity.name)
  useTitle(title === kind ? kind : `${title} ${kind}`)
  const state = entity.fields.find((f) => f.name === entity.state_field)

  const save = (): void => {
    if ((store.dirty || sending()) && !saving) void session.save()
  }
  const back = (): void => {
    const table = from ?? tableOf(meta, entity.name)
    void navigate(
      table ? { to: '/a/$app/v/$view', params: { app, view: table }, search: {} } : { to: '/a/$app', params: { app } },
    )
  }
  const restore = (): void =>
    void call('POST', verbPath(app, entity.name, 'restore', record.id)).then(
      () => toast('ok', t('record.restored', { what: title })),
      toastProblem,
    )
  const remove = (): void =>
    void call('DELETE', entityPath(app, entity.name, record.id), { ifMatch: base.version }).then(() => {
      session.discard()
      store.adopt(base)
      toast('ok', t('record.deleted', { what: title }), { action: { text: t('common.undo'), act: restore } })
      back()
    }, toastProblem)
  const copy = (): void =>
    void navigate({
      to: '/a/$app/new/$entity',
      params: { app, entity: entity.name },
      search: { from: record.id, view: from },
    })
  const print = (): void => {
    if (store.dirty) return void toast('info', t('print.saveFirst'))
    void navigate({
      to: '/a/$app/print/r/$entity/$ids',
      params: { app, entity: entity.name, ids: record.id },
      search: { view: from },
    })
  }
  // What is entered again is looked at, judged and saved like what is typed.
  const enter = (values: Record<string, unknown>, display: Display): void => {
    const again = putBack(entity.fields, (name) => store.lines(name), values)
    store.restore({ version: base.version, values: again, display, at: '' })
    session.changed()
    document.getElementById('main')?.scrollIntoView({ block: 'start' })
    toast('info', t('record.puttingBack'))
  }
  const jump = (id: string) => (): void => {
    setTab(id)
    below.current?.scrollIntoView({ block: 'start' })
  }
  const commands = useMemo<Command[]>(
    () => [
      { id: 'record.save', text: t('common.save'), icon: 'save', keys: 'mod+s', act: () => latest.current.save() },
      { id: 'record.copy', text: t('record.duplicate'), icon: 'copy', act: () => latest.current.copy() },
    ],
    [],
  )
  const latest = useRef({ save, copy })
  latest.current = { save, copy }
  useCommands(commands)
  usePrintCommand(print)

  return (
    <div className="page record">
      <header className="record-head">
        <IconButton icon="back" label={t('common.back')} onPress={back} className="noprint" />
        <div className="record-titles">
          <p className="soft record-kind">{kind}</p>
          <h1 dir="auto">{title}</h1>
        </div>
        {state && <Shown field={state} value={base[state.name]} display={store.display} />}
        <span className="grow" />
        <div className="record-acts noprint">
          <People app={app} entity={entity.name} id={record.id} session={session} />
          <Posted app={app} entity={entity.name} record={base} />
          <Moves app={app} entity={entity} session={session} />
          {editable && (
            <Button
              look={dirty ? 'primary' : 'plain'}
              icon="save"
              isDisabled={!dirty || saving}
              onPress={save}
              className="record-save"
            >
              {t(saving ? 'common.saving' : 'common.save')}
            </Button>
          )}
          <Menu
            label={t('common.more')}
            button={<IconButton icon="more" label={t('common.more')} />}
            groups={[
              {
                id: 'go',
                entries: [
                  { id: 'comments', text: t('record.comments'), icon: 'message', act: jump('comments') },
                  { id: 'history', text: t('record.history'), icon: 'history', act: jump('history') },
                  { id: 'print', text: t('record.print'), icon: 'print', act: print },
                ],
              },
              {
                id: 'do',
                entries: [
                  ...(may.includes('create')
                    ? [{ id: 'copy', text: t('record.duplicate'), icon: 'copy', act: copy }]
                    : []),
                  { id: 'explain', text: t('explain.title'), icon: 'info', act: () => setExplained('') },
                  { id: 'why', text: t('record.why'), icon: 'shield', act: () => setWhy(true) },
                ],
              },
              {
                id: 'end',
                entries: may.includes('delete')
                  ? [{ id: 'delete', text: t('common.delete'), icon: 'delete', danger: true, act: remove }]
                  : [],
              },
            ]}
          />
        </div>
      </header>
      <RecordForm
        app={app}
        entity={entity}
        view={view}
        session={session}
        fixed={unchangeable}
        waiting={waiting}
        explain={setExplained}
      />
      <p className="record-stamp soft">
        {t('record.changedBy', { who: changedBy(base), at: moment(String(base.updated_at)) })}
      </p>
      <div ref={below} className="record-below noprint">
        <Tabs
          label={t('record.more')}
          value={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'related',
              title: t('record.related'),
              content: (
                <Lazy>
                  <Related app={app} entity={entity} id={record.id} />
                </Lazy>
              ),
            },
            {
              id: 'comments',
              title: t('record.comments'),
              content: (
                <Lazy>
                  <Comments app={app} entity={entity.name} id={record.id} />
                </Lazy>
              ),
            },
            {
              id: 'history',
              title: t('record.history'),
              content: (
                <Lazy>
                  <History app={app} entity={entity} id={record.id} onPutBack={editable ? enter : undefined} />
                </Lazy>
              ),
            },
          ]}
        />
      </div>
      <Leave store={store} />
      {explained !== undefined && (
        <Suspense fallback={null}>
          <Explain
            app={app}
            entity={entity}
            id={record.id}
            field={explained || undefined}
            onClose={() => setExplained(undefined)}
          />
        </Suspense>
      )}
      {why && (
        <Suspense fallback={null}>
          <Why app={app} entity={entity} id={record.id} onClose={() => setWhy(false)} />
        </Suspense>
      )}
    </div>
  )
}

function Lazy({ children }: { children: React.ReactNode }) {
  return <Suspense fallback={<Skeleton rows={3} />}>{children}</Suspense>
}
