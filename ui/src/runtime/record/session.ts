import { useEffect, useMemo, useRef, useState } from 'react'
import { call, newKey } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { type Problem, problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { entityPath, recordQuery, verbPath } from '../../api/records.ts'
import { t } from '../../i18n/i18n.ts'
import { toast, toastProblem } from '../../kit/toast.tsx'
import { titlesOf } from '../../meta/find.ts'
import type { Display, Rec } from '../../meta/record.ts'
import type { EntityMeta } from '../../meta/types.ts'
import type { Answer, Kept } from '../form/answer.ts'
import { draftKey, dropDraft, readDraft, writeDraft } from '../form/drafts.ts'
import { Evaluator } from '../form/evaluator.ts'
import { type Merged, merge } from '../form/merge.ts'
import { FormStore } from '../form/store.ts'
import { arrivals } from '../form/upload.ts'
import { useWhole } from '../form/useForm.ts'

const draftRest = 400

interface Options {
  app: string
  entity: EntityMeta
  form?: string
  record?: Rec
  /** What a new record begins with. */
  set?: Record<string, unknown>
  display?: Display
  /** A record whose fields can't be changed by this person isn't asked about. */
  fixed: boolean
}

/** A conflict that waits for a person to decide. */
export interface Open {
  theirs: Rec
  merged: Merged
  /** Whether to save once it is decided. */
  then: boolean
}

/** Session is one form at work: what is typed, saved, refused, merged. */
export interface Session {
  store: FormStore
  saving: boolean
  conflict?: Open
  draft?: Kept
  changed: () => void
  save: () => Promise<Rec | undefined>
  decide: (chosen: Record<string, 'mine' | 'theirs'> | undefined) => Promise<void>
  restore: () => void
  discard: () => void
  /** Takes over what somebody else has saved, or asks where both changed the same. */
  follow: (theirs: Rec) => void
  adopt: (r: Rec, mark?: boolean) => string[]
}

const asker =
  (o: Options): ((values: Record<string, unknown>, changed: string[] | undefined, s: AbortSignal) => Promise<Answer>) =>
  (values, changed, signal) =>
    call<Answer>('POST', verbPath(o.app, o.entity.name, 'evaluate'), {
      body: { id: o.record?.id, values, changed, form: o.form },
      signal,
    })

/** useSession opens a form. */
export function useSession(o: Options): Session {
  const me = useMe()
  const key = draftKey(me.id, o.app, o.entity.name, o.record?.id)
  const latest = useRef(o) // its form may go with a release
  latest.current = o
  const [made] = useState(() => {
    const store = new FormStore(o.entity, o.record, o.set, o.display)
    return {
      store,
      evaluator: new Evaluator(
        store,
        (v, c, s) => asker(latest.current)(v, c, s),
        (e) => problemOf(e).offline || toastProblem(e),
      ),
    }
  })
  const { store, evaluator } = made
  const [draft, setDraft] = useState(() => readDraft(key))
  const [saving, setSaving] = useState(false)
  const [conflict, setConflict] = useState<Open>()
  const busy = useRef(false)
  const sent = useRef<{ same: string; key: string }>(undefined)
  const version = useWhole(store, () => store.version)

  // biome-ignore lint/correctness/useExhaustiveDependencies: asks when the form opens, and when it is another
  useEffect(() => {
    if (!o.fixed) void evaluator.now()
    return () => evaluator.stop()
  }, [evaluator, o.form])
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the form counts
  useEffect(() => {
    if (!store.dirty) return
    const timer = setTimeout(() => store.dirty && writeDraft(key, store.keep(new Date().toISOString())), draftRest)
    return () => clearTimeout(timer)
  }, [version, key, store])

  return useMemo(() => {
    const put = (): Promise<Rec> => {
      const { values } = store.patch()
      const query = { display: true }
      const { base } = store
      if (base)
        return call<Rec>('PATCH', entityPath(o.app, o.entity.name, base.id), {
          body: values,
          query,
          ifMatch: base.version,
        })
      // The answer to the same record may have got lost on its way: sent again, it must not be made twice.
      const same = JSON.stringify(values)
      if (sent.current?.same !== same) sent.current = { same, key: newKey() }
      return call<Rec>('POST', entityPath(o.app, o.entity.name), {
        body: values,
        query,
        idempotencyKey: sent.current.key,
      })
    }
    const adopt = (r: Rec, mark = false): string[] => {
      queries.setQueryData(recordQuery(o.app, o.entity.name, r.id).queryKey, r)
      const changed = store.adopt(r, {}, mark)
      if (!o.fixed && o.record) void evaluator.now()
      return changed
    }
    const clash = (theirs: Rec, then: boolean): Promise<Rec | undefined> => {
      const mine = store.keep('').values
      const merged = merge(o.entity.fields, store.base!, mine, theirs)
      if (merged.conflicts.length > 0) {
        setConflict({ theirs, merged, then })
        return Promise.resolve(undefined)
      }
      store.adopt(theirs, merged.resolve({}), true)
      toast('info', t('record.merged', { fields: titlesOf(o.entity, merged.theirs) || t('record.otherFields') }))
      void evaluator.now()
      return then ? save() : Promise.resolve(undefined)
    }
    const refused = async (e: unknown): Promise<Rec | undefined> => {
      const p: Problem = problemOf(e)
      if (p.conflict && store.base) {
        const theirs = await call<Rec>('GET', entityPath(o.app, o.entity.name, store.base.id), {
          query: { display: true },
        })
        return clash(theirs, true)
      }
      if (p.offline || p.status >= 500) toastProblem(e)
      else store.refuse(p.errors, p.detail, store.patch().sent)
      return undefined
    }
    const save = async (): Promise<Rec | undefined> => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      busy.current = true
      setSaving(true)
      try {
        if (!(await arrivals())) {
          toast('error', t('form.uploadFailed'))
          return undefined // its field says why, and how to go on
        }
        if (store.base && !store.dirty) return store.base // what was on its way was stopped
        const r = await put()
        dropDraft(key)
        setDraft(undefined)
        if (store.base) adopt(r)
        else store.adopt(r)
        toast('ok', t('common.saved'))
        return r
      } catch (e) {
        return await refused(e).catch((x: unknown) => {
          toastProblem(x)
          return undefined
        })
      } finally {
        busy.current = false
        setSaving(false)
      }
    }
    return {
      store,
      saving,
      conflict,
      draft,
      changed: () => evaluator.poke(),
      save,
      adopt,
      decide: async (chosen) => {
        const c = conflict
        setConflict(undefined)
        if (!c || !chosen) return
        store.adopt(c.theirs, c.merged.resolve(chosen), true)
        if (!store.dirty) dropDraft(key)
        void evaluator.now()
        if (c.then && store.dirty) await save()
      },
      restore: () => {
        if (draft) store.restore(draft)
        setDraft(undefined)
        void evaluator.now()
      },
      discard: () => {
        dropDraft(key)
        setDraft(undefined)
      },
      follow: (theirs) => {
        if (!busy.current && store.base && theirs.version > store.base.version) void clash(theirs, false)
      },
    }
  }, [o.app, o.entity, o.record, o.fixed, store, evaluator, key, saving, conflict, draft])
}
