import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { decimal } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/check.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { More } from '../../kit/more.tsx'
import { Empty, Failed, Skeleton } from '../../kit/state.tsx'
import type { FieldMeta } from '../../meta/types.ts'
import { SearchBox } from '../SearchBox.tsx'
import type { FormContext } from './FormField.tsx'
import { askOptions, type FoundOption, given } from './options.ts'
import { addSeveral } from './several.ts'

const size = 100 // what one answer may hold

interface Props {
  ctx: FormContext
  field: FieldMeta
  refs: FieldMeta[]
  onClose: () => void
}

/** AddSeveral lists what lines may be about, for the record as it stands, and adds a line for each that is ticked. */
export function AddSeveral({ ctx, field, refs, onClose }: Props) {
  const { store } = ctx
  const [ref, setRef] = useState(refs[0]!)
  const [search, setSearch] = useState('')
  const [all, setAll] = useState(false) // also those of which nothing is open
  const open = !!ref.open && !all
  const [picked, setPicked] = useState<ReadonlyMap<string, FoundOption>>(new Map())
  const [stamp] = useState(() => Date.now()) // the record may stand differently the next time
  const list = useInfiniteQuery({
    queryKey: ['several', ctx.app, store.entity.name, field.name, ref.name, search, open, stamp],
    queryFn: ({ signal, pageParam }) => {
      const at = {
        id: store.base?.id,
        values: store.patch(true).values,
        form: ctx.form,
        path: `${field.name}.${ref.name}`,
      }
      return askOptions(ctx.app, store.entity.name, ref.name, search, at, signal, size, pageParam, open)
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    gcTime: 0,
  })
  const [known] = useState(() => store.lines(field.name))
  const there = new Set(known.map((l) => l[ref.name]))
  const options = (list.data?.pages ?? []).flatMap((p) => p.options).filter((o) => !o.retired && !there.has(o.id))
  const closed = !!ref.open && (all || !!list.data?.pages[0]?.closed)
  const ticked = options.filter((o) => picked.has(o.id)).length
  const put = (some: FoundOption[], on: boolean): void => {
    const next = new Map(picked)
    for (const o of some) {
      if (on) next.set(o.id, o)
      else next.delete(o.id)
    }
    setPicked(next)
  }
  const choose = (f: FieldMeta): void => {
    setRef(f)
    setSearch('')
    setAll(false)
    setPicked(new Map())
  }
  const add = (): void => {
    const chosen = [...picked.values()]
    for (const o of chosen) store.learn({ [o.id]: o.display, ...given(o.set).display })
    store.setLines(field.name, addSeveral(store.lines(field.name), ref, chosen))
    ctx.changed()
    onClose()
  }
  return (
    <Dialog
      title={t('form.addSeveral')}
      open
      look="side"
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" isDisabled={picked.size === 0} onPress={add}>
            {t('form.addPicked', { n: picked.size })}
          </Button>
        </>
      }
    >
      <div className="several">
        {refs.length > 1 && (
          <fieldset className="several-of" aria-label={t('form.addSeveral')}>
            {refs.map((f) => (
              <Button key={f.name} aria-pressed={f === ref} onPress={() => choose(f)}>
                {label(f.title, f.name)}
              </Button>
            ))}
          </fieldset>
        )}
        <SearchBox value={search} onSearch={setSearch} />
        {closed && (
          <Checkbox isSelected={all} onChange={setAll}>
            {t('form.alsoClosed', { what: label(ref.open) })}
          </Checkbox>
        )}
        {list.isPending ? (
          <Skeleton rows={6} />
        ) : list.isError ? (
          <Failed error={list.error} retry={() => void list.refetch()} />
        ) : options.length === 0 ? (
          <Empty title={t('form.nothingToAdd')} />
        ) : (
          <>
            <Checkbox
              isSelected={ticked === options.length}
              isIndeterminate={ticked > 0 && ticked < options.length}
              onChange={(on) => put(options, on)}
            >
              {t('form.pickAll', { n: options.length })}
            </Checkbox>
            <ul className="several-list">
              {options.map((o) => (
                <li key={o.id}>
                  <Checkbox isSelected={picked.has(o.id)} onChange={(on) => put([o], on)}>
                    <span className="several-text">
                      {o.display ?? t('form.hidden')}
                      {o.detail && <span className="soft"> {o.detail}</span>}
                    </span>
                    {ref.open && o.open && (
                      <span className="several-open">
                        <span className="soft">{label(ref.open)}</span> {decimal(o.open)}
                      </span>
                    )}
                  </Checkbox>
                </li>
              ))}
            </ul>
            <More of={list} className="several-more" />
          </>
        )}
      </div>
    </Dialog>
  )
}
