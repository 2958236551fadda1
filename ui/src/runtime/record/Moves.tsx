import { useState } from 'react'
import { problemOf } from '../../api/problem.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { useConfirm } from '../../kit/dialog.tsx'
import { toast, toastProblem } from '../../kit/toast.tsx'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, MoveMeta } from '../../meta/types.ts'
import { useWhole } from '../form/useForm.ts'
import type { Session } from './session.ts'
import { transition, warnedOf } from './transition.ts'
import { Warned } from './Warned.tsx'

/** movesOf lists the transitions that lead on from a state; those that lead back to the beginning come last. */
export function movesOf(entity: EntityMeta, state: unknown): MoveMeta[] {
  if (!entity.actions.includes('transition')) return []
  const moves = (entity.transitions ?? []).filter((m) => m.from.includes(String(state)))
  const back = (m: MoveMeta): boolean => m.to === entity.initial_state
  return [...moves.filter((m) => !back(m)), ...moves.filter(back)]
}

/** Moves are the buttons that move a record on. What was typed is saved first; a refusal says why, at the fields. */
export function Moves({ app, entity, session }: { app: string; entity: EntityMeta; session: Session }) {
  const { store } = session
  const [busy, setBusy] = useState(false)
  const { ask, asking } = useConfirm()
  const state = useWhole(store, () => (entity.state_field ? store.base?.[entity.state_field] : undefined))
  const dirty = useWhole(store, () => store.dirty)
  const moves = movesOf(entity, state)
  const run = async (m: MoveMeta): Promise<void> => {
    const action = label(m.title, m.name)
    if (m.final && !(await ask({ title: t('record.finalTitle', { action }), text: t('record.finalText'), action })))
      return
    setBusy(true)
    // What there is to be warned of is shown first, and done once somebody has seen it.
    const move = async (from: Rec): Promise<Rec | undefined> => {
      try {
        return await transition(app, entity.name, from, m.name, true)
      } catch (e) {
        const warned = warnedOf(problemOf(e))
        if (!warned) throw e
        const text = <Warned store={store} list={warned} />
        if (!(await ask({ title: t('record.warnedTitle'), text, action: t('record.doAnyway', { action }) }))) return
        return transition(app, entity.name, from, m.name)
      }
    }
    try {
      const from: Rec | undefined = store.dirty ? await session.save() : store.base
      if (!from) return
      const moved = await move(from)
      if (!moved) return
      session.adopt(moved)
      toast('ok', t('record.moved', { what: action }))
    } catch (e) {
      const p = problemOf(e)
      if (p.offline || p.status >= 500) toastProblem(e)
      else if (p.conflict) toast('error', t('record.movedMeanwhile'))
      else store.refuse(p.errors, p.detail, store.patch().sent)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {moves.map((m, i) => (
        <Button
          key={m.name}
          look={i === 0 && !dirty && !m.final ? 'primary' : 'plain'}
          isDisabled={busy || session.saving}
          onPress={() => void run(m)}
        >
          {label(m.title, m.name)}
        </Button>
      ))}
      {asking}
    </>
  )
}
