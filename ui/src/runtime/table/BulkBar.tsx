import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog, useConfirm } from '../../kit/dialog.tsx'
import { Menu } from '../../kit/menu.tsx'
import { toast, toastProblem } from '../../kit/toast.tsx'
import { type Rec, show } from '../../meta/record.ts'
import type { AppMeta, EntityMeta, MoveMeta, ViewMeta } from '../../meta/types.ts'
import { mostPrinted } from '../print/page.ts'
import { type Column, cellValue } from './columns.ts'
import type { Model } from './model.ts'
import type { useActs } from './useActs.tsx'
import { batch, byRecord, type Operation } from './write.ts'

const SetField = lazy(() => import('./SetField.tsx').then((m) => ({ default: m.SetField })))

interface Props {
  app: string
  meta: AppMeta
  view: ViewMeta
  entity: EntityMeta
  columns: Column[]
  model?: Model
  acts: ReturnType<typeof useActs>
  bin: boolean
}

interface Refused {
  /** What each record is called, and why not. */
  list: { name: string; why: string }[]
  rest: Operation[]
  act: (rest: Operation[]) => void
}

const idOf = (o: Operation): string => (Object.values(o)[0] as { id: string }).id
const fewListed = 20

/** BulkBar is what can be done with the records that are ticked. What is refused is said record by record, and nothing is
 * done until one chooses to go on with the others. */
export function BulkBar({ app, view, entity, columns, model, acts, bin }: Props) {
  const navigate = useNavigate()
  const [setting, setSetting] = useState(false)
  const [refused, setRefused] = useState<Refused>()
  const [busy, setBusy] = useState(false)
  const { ask, asking } = useConfirm()
  const ids = [...acts.checked]
  const recs = ids.flatMap((id) => model?.find(id) ?? [])
  const may = (a: EntityMeta['actions'][number]) => entity.actions.includes(a)
  const nameOf = (r: Rec): string => (columns[0] ? show(columns[0], cellValue(r, columns[0]), model?.display) : r.id)
  const run = async (
    operations: Operation[],
    told: (n: number) => string,
    back?: (done: { id: string; version: number }[]) => Operation[],
    gone = false,
  ): Promise<void> => {
    setBusy(true)
    const changed = recs
    try {
      const done = await batch(app, view.entity, operations)
      const all = done.map((d) => d.id)
      acts.setChecked(new Set())
      setRefused(undefined)
      if (gone) model?.drop(all)
      else await model?.refresh(all)
      toast(
        'ok',
        told(done.length),
        back && {
          action: {
            text: t('common.undo'),
            act: () =>
              void batch(app, view.entity, back(done))
                .then(() => {
                  toast('info', t('table.undone'))
                  return gone ? model?.putBack(changed.filter((r) => all.includes(r.id))) : model?.refresh(all)
                })
                .catch(toastProblem),
          },
        },
      )
    } catch (e) {
      const found = byRecord(e, operations)
      if (found.size === 0) return toastProblem(e)
      setRefused({
        list: [...found].map(([id, all]) => {
          const r = model?.find(id)
          return { name: r ? nameOf(r) : id, why: Object.values(all).join(' ') }
        }),
        rest: operations.filter((o) => !found.has(idOf(o))),
        act: (rest) => void run(rest, told, back, gone),
      })
    } finally {
      setBusy(false)
    }
  }
  const remove = (): void =>
    void run(
      recs.map((r) => ({ delete: { id: r.id, version: r.version } })),
      (n) => t('table.deleted', { n }),
      (done) => done.map((d) => ({ restore: { id: d.id } })),
      true,
    )
  const restore = (): void =>
    void run(
      ids.map((id) => ({ restore: { id } })),
      (n) => t('table.restored', { n }),
      (done) => done.map((d) => ({ delete: { id: d.id, version: d.version } })),
      true,
    )
  const go = async (m: MoveMeta): Promise<void> => {
    const action = label(m.title)
    const text = `${t('common.selected', { n: ids.length })} · ${t('record.finalText')}`
    if (m.final && !(await ask({ title: t('record.finalTitle', { action }), text, action }))) return
    await run(
      recs.map((r) => ({ transition: { id: r.id, transition: m.name } })),
      (n) => t('table.moved', { n, action }),
    )
  }
  const set = (field: string, value: unknown): void => {
    setSetting(false)
    const old = new Map(recs.map((r) => [r.id, r[field] ?? null]))
    void run(
      recs.map((r) => ({ update: { id: r.id, version: r.version, values: { [field]: value } } })),
      (n) => t('table.changed', { n }),
      (done) =>
        done.map((d) => ({ update: { id: d.id, version: d.version, values: { [field]: old.get(d.id) ?? null } } })),
    )
  }
  const print = (): void => {
    if (ids.length > mostPrinted) return void toast('info', t('print.tooMany', { n: mostPrinted }))
    void navigate({
      to: '/a/$app/print/r/$entity/$ids',
      params: { app, entity: entity.name, ids: ids.join(',') },
      search: { view: view.name },
    })
  }
  const state = entity.state_field
  const moves = (entity.transitions ?? []).filter(
    (m) => !state || recs.some((r) => r[state] === undefined || m.from.includes(String(r[state]))),
  )
  return (
    <section className="tv-bulk" aria-label={t('common.selected', { n: ids.length })}>
      <strong role="status">{t('common.selected', { n: ids.length })}</strong>
      {!bin && may('update') && (
        <Button size="s" icon="pencil" isDisabled={busy} onPress={() => setSetting(true)}>
          {t('table.bulkSet')}
        </Button>
      )}
      {!bin && may('transition') && moves.length > 0 && (
        <Menu
          label={t('table.bulkMove')}
          button={
            <Button size="s" icon="right" isDisabled={busy}>
              {t('table.bulkMove')}
            </Button>
          }
          groups={[
            { id: 'm', entries: moves.map((m) => ({ id: m.name, text: label(m.title), act: () => void go(m) })) },
          ]}
        />
      )}
      {!bin && (
        <Button size="s" icon="print" isDisabled={busy} onPress={print}>
          {t('print.print')}
        </Button>
      )}
      {!bin && may('delete') && (
        <Button size="s" icon="delete" look="danger" isDisabled={busy} onPress={remove}>
          {t('table.bulkDelete')}
        </Button>
      )}
      {bin && (
        <Button size="s" icon="restore" look="primary" isDisabled={busy} onPress={restore}>
          {t('table.bulkRestore')}
        </Button>
      )}
      <Button size="s" look="ghost" onPress={() => acts.setChecked(new Set())}>
        {t('table.clearSelection')}
      </Button>
      <Suspense>
        {setting && (
          <SetField
            app={app}
            entity={view.entity}
            columns={columns}
            count={ids.length}
            onSet={set}
            onClose={() => setSetting(false)}
          />
        )}
      </Suspense>
      {asking}
      {refused && (
        <Dialog
          title={t('table.bulkRefusedTitle', { n: refused.list.length })}
          open
          onClose={() => setRefused(undefined)}
          foot={
            <>
              <Button onPress={() => setRefused(undefined)}>{t('common.cancel')}</Button>
              {refused.rest.length > 0 && (
                <Button look="primary" isDisabled={busy} onPress={() => refused.act(refused.rest)}>
                  {t('table.bulkGoOn', { n: refused.rest.length })}
                </Button>
              )}
            </>
          }
        >
          <p>{t('table.bulkRefused', { n: refused.list.length })}</p>
          <ul className="tv-refusals">
            {refused.list.slice(0, fewListed).map((x) => (
              <li key={x.name}>
                <strong>{x.name}</strong> {x.why}
              </li>
            ))}
          </ul>
        </Dialog>
      )}
    </section>
  )
}
