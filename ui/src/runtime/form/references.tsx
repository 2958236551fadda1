import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { metaQuery } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Finder, type Given, newID, type Option } from '../../kit/finder.tsx'
import { entityOf } from '../../meta/find.ts'
import { Chip } from './choices.tsx'
import { Foot, useFound } from './found.tsx'
import { Frame, mayCreate, type WidgetProps } from './frame.tsx'
import { given, recent, remember } from './options.ts'

const QuickNew = lazy(() => import('./QuickNew.tsx').then((m) => ({ default: m.QuickNew })))

/** arrange puts what was picked lately first, as long as nothing is searched for. */
export function arrange(found: Option[], lately: string[], search: string): Option[] {
  if (search !== '' || lately.length === 0) return found
  const first = lately.flatMap((id) => found.find((o) => o.id === id) ?? [])
  if (first.length === 0 || found.length <= first.length) return found
  const rest = found.filter((o) => !lately.includes(o.id))
  return [
    { ...first[0]!, head: t('form.recent') },
    ...first.slice(1),
    { ...rest[0]!, head: t('common.all') },
    ...rest.slice(1),
  ]
}

/** ReferenceWidget finds a record, a person or a department; several where the field holds several. */
export function ReferenceWidget(p: WidgetProps) {
  const found = useFound(p)
  const [making, setMaking] = useState<string>()
  const { data: meta } = useQuery(metaQuery(p.app))
  const many = p.field.kind === 'references'
  const list = many ? ((p.value as string[] | null) ?? []) : p.value ? [String(p.value)] : []
  const target = p.field.target && meta ? entityOf(meta, p.field.target) : undefined
  const search = (found.query ?? '').trim()
  // Not before what is searched for has been answered: it would stand where the first of what is found comes.
  const add: Option[] =
    mayCreate(target) && !p.readOnly && found.answered === (found.query ?? '')
      ? [
          {
            id: newID,
            icon: 'plus',
            text: search
              ? t('form.createNamed', { entity: label(target?.title), text: search })
              : t('form.create', { entity: label(target?.title) }),
          },
        ]
      : []
  const text = (id: string): string => p.display?.[id] ?? (p.display ? t('form.hidden') : '\u2026')
  const take = (id: string, display: string, set?: Given): void => {
    const also = given(set)
    remember(p, id)
    p.onDisplay?.({ [id]: display, ...also.display })
    if (!many) p.onChange(id)
    else p.onChange(list.includes(id) ? list.filter((x) => x !== id) : [...list, id])
    if (set) p.onGiven?.(also.values)
  }
  return (
    <>
      <Frame p={p}>
        {(tied) => (
          <Finder
            tied={tied}
            shown={many || list.length === 0 ? '' : text(list[0]!)}
            many={many}
            options={[...arrange(found.options, recent(p), search), ...add]}
            answered={found.answered}
            onQuery={found.ask}
            onPick={(o) => (o.id === newID ? setMaking(search) : take(o.id, o.text, o.set))}
            onClear={p.required || many ? undefined : () => p.onChange(null)}
            onBack={many ? () => p.onChange(list.slice(0, -1)) : undefined}
            onCommit={() => making === undefined && p.onCommit?.()}
            selected={new Set(list)}
            readOnly={p.readOnly}
            autoFocus={p.autoFocus}
            compact={p.compact}
            foot={<Foot more={found.more} />}
            before={
              many
                ? list.map((id) => {
                    const remove = p.readOnly ? undefined : () => p.onChange(list.filter((x) => x !== id))
                    return <Chip key={id} text={text(id)} onRemove={remove} />
                  })
                : undefined
            }
          />
        )}
      </Frame>
      {making !== undefined && target && (
        <Suspense fallback={null}>
          <QuickNew
            app={p.app}
            entity={target.name}
            text={making}
            onClose={() => setMaking(undefined)}
            onMade={(id, display) => {
              setMaking(undefined)
              take(id, display)
              p.onCommit?.()
            }}
          />
        </Suspense>
      )}
    </>
  )
}
