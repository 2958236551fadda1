import { useQuery } from '@tanstack/react-query'
import { type RefObject, useEffect, useMemo, useRef } from 'react'
import { useMeta, useView } from '../../api/apps.ts'
import { useMe } from '../../api/me.ts'
import { problemOf } from '../../api/problem.ts'
import { recordQuery } from '../../api/records.ts'
import { moment } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { entityOf, formOf, titlesOf } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { FormBody, type FormHandle } from '../form/FormBody.tsx'
import type { FormContext } from '../form/FormField.tsx'
import { sectionsOf } from '../form/layout.ts'
import { differing } from '../form/merge.ts'
import { Summary } from '../form/Summary.tsx'
import { useWhole } from '../form/useForm.ts'
import { MergeDialog } from './MergeDialog.tsx'
import type { Session } from './session.ts'
import './record.css'

const markedFor = 6000

/** useFormView finds the form that opens a record: of the table that one comes from, else the entity's first. Where that is
 * gone, the record is laid out without one. */
export function useFormView(
  app: string,
  entity: string,
  from: string | undefined,
): { view?: ViewMeta; ready: boolean; error?: unknown; retry: () => void } {
  const meta = useMeta(app)
  const table = useView(app, from)
  const first = formOf(meta, entity)
  const name = table.data?.form ?? first
  const form = useView(app, from && table.isLoading ? undefined : name)
  const gone = !!form.error && problemOf(form.error).missing
  const other = useView(app, gone && first !== name ? first : undefined)
  return {
    view: gone ? other.data : form.data,
    ready: !(from && table.isLoading) && !form.isLoading && !other.isLoading,
    error: gone || form.data ? undefined : (form.error ?? undefined),
    retry: () => void form.refetch(),
  }
}

/** NoForm tells those who build apps that nobody has laid out a form, or that it is gone. */
function NoForm({ entity }: { entity: EntityMeta }) {
  if (!useMe().builder || entity.kept) return null
  return (
    <p className="note-box warn record-note noprint">
      <Icon name="alert" size={18} />
      <span className="grow">{t('record.noForm', { entity: label(entity.title, entity.name) })}</span>
    </p>
  )
}

/** useOthers takes over what others save while this form is open; `waiting` is what can't be taken over without asking. */
export function useOthers(app: string, entity: string, session: Session, record: Rec | undefined): Rec | undefined {
  const { store } = session
  const { data } = useQuery({ ...recordQuery(app, entity, record?.id ?? ''), enabled: !!record })
  const base = useWhole(store, () => store.base?.version ?? 0)
  const dirty = useWhole(store, () => store.dirty)
  const newer = !!data && data.version > base && !session.saving
  useEffect(() => {
    if (newer && !dirty) session.adopt(data, true)
  }, [newer, dirty, data, session])
  // What follows from other records makes no version: where something is typed, the engine reckons it with that.
  const seen = useRef(data)
  useEffect(() => {
    if (!data || data === seen.current || data.version !== store.base?.version || session.saving) return
    seen.current = data
    if (differing(store.entity.fields, store.base, data).length === 0) return
    if (dirty) session.changed()
    else session.adopt(data, true)
  }, [data, dirty, session, store])
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for whatever has come
  useEffect(() => {
    if (base === 0) return
    const timer = setTimeout(() => store.unmark(), markedFor)
    return () => clearTimeout(timer)
  }, [base, data, store])
  return newer && dirty ? data : undefined
}

/** nameOfPerson is who changed a record last. */
export const changedBy = (r: Rec | undefined): string =>
  r?.updated_by ? (r.display?.[String(r.updated_by)] ?? t('common.unknownPerson')) : t('common.system')

/** RecordForm is the form of a record with all that may be said about it above. */
export function RecordForm({
  app,
  entity,
  view,
  session,
  fixed,
  waiting,
  first,
  handle,
  explain,
}: {
  app: string
  entity: EntityMeta
  view?: ViewMeta
  session: Session
  fixed: boolean
  waiting?: Rec
  first?: string
  handle?: RefObject<FormHandle | null>
  explain?: (field: string) => void
}) {
  const meta = useMeta(app)
  const own = useRef<FormHandle>(null)
  const at = handle ?? own
  const { store, draft, conflict, changed } = session
  const sections = useMemo(() => sectionsOf(entity, view), [entity, view])
  const poke = useRef(changed)
  useEffect(() => {
    poke.current = changed
  })
  const ctx = useMemo<FormContext>(
    () => ({
      app,
      store,
      form: view?.name,
      currency: meta.currency,
      fixed,
      changed: () => poke.current(),
      explain,
      hrefOf: (target, id) =>
        entityOf(meta, target) &&
        `/a/${encodeURIComponent(app)}/r/${encodeURIComponent(target)}/${encodeURIComponent(id)}`,
    }),
    [app, store, view, meta, fixed, explain],
  )
  const known = useQuery({ ...recordQuery(app, entity.name, store.base?.id ?? ''), enabled: false })
  const computing = (known.data?.computing as string[] | undefined) ?? []
  return (
    <>
      {draft && (
        <div className="note-box warn record-note noprint" role="status">
          <Icon name="history" size={18} />
          <span className="grow">{t('record.draft', { at: moment(draft.at) })}</span>
          <Button size="s" look="primary" onPress={session.restore}>
            {t('record.draftRestore')}
          </Button>
          <Button size="s" onPress={session.discard}>
            {t('record.draftDrop')}
          </Button>
        </div>
      )}
      {computing.length > 0 && (
        <p className="note-box record-note noprint" role="status">
          <Icon name="refresh" size={18} />
          <span className="grow">{t('record.computing', { fields: titlesOf(entity, computing) })}</span>
        </p>
      )}
      {waiting && (
        <div className="note-box record-note noprint" role="status">
          <Icon name="users" size={18} />
          <span className="grow">{t('record.changedMeanwhile', { who: changedBy(waiting) })}</span>
          <Button size="s" look="primary" onPress={() => session.follow(waiting)}>
            {t('record.mergeNow')}
          </Button>
        </div>
      )}
      {!view && <NoForm entity={entity} />}
      <Summary store={store} lead={(path) => at.current?.lead(path)} />
      <FormBody ctx={ctx} sections={sections} title={label(entity.title)} first={first} handle={at} />
      {conflict && (
        <MergeDialog
          entity={entity}
          open={conflict}
          base={store.base}
          display={store.display}
          who={changedBy(conflict.theirs)}
          onDecide={(c) => void session.decide(c)}
        />
      )}
    </>
  )
}
