import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listRecords } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Select } from '../../kit/field.tsx'
import { Finder } from '../../kit/finder.tsx'
import { entityOf } from '../../meta/find.ts'
import type { AppMeta, FieldMeta } from '../../meta/types.ts'
import { Frame } from '../form/frame.tsx'
import { Widget } from '../form/Widget.tsx'
import { addressOf, allTime, periodIn, periods, periodText } from './dashboard.ts'
import type { FilterMeta, Period } from './types.ts'

const most = 20
const own = 'own'
const dateField: FieldMeta = { name: 'day', title: '', kind: 'date', writable: true }

interface FilterProps {
  app: string
  meta: AppMeta
  filter: FilterMeta
  value: string | undefined
  /** What the period comes to. */
  period: Period | undefined
  /** The day that is asked for. */
  day: string | undefined
  onChange: (v: string | undefined) => void
}

function PeriodFilter({ app, filter, value, period, onChange }: FilterProps) {
  const days = periodIn(value)
  const chosen = days ? own : value || filter.default || allTime
  const pick = (id: string): void => {
    if (id !== own) onChange(id === (filter.default || allTime) ? undefined : id)
    else if (period) onChange(periodText(period))
    else {
      const today = new Date().toLocaleDateString('sv-SE')
      onChange(periodText({ from: today, to: today }))
    }
  }
  const put = (part: Partial<Period>): void => {
    const next = { ...days!, ...part }
    if (next.from && next.to) onChange(periodText(next.from <= next.to ? next : { from: next.to, to: next.from }))
  }
  return (
    <>
      <Select
        label={label(filter.title, filter.name)}
        choices={[
          ...periods.map((p) => ({ id: p, text: t(`dashboard.${p}`) })),
          { id: allTime, text: t('dashboard.all') },
          { id: own, text: t('dashboard.custom') },
        ]}
        value={chosen}
        onChange={pick}
      />
      {days &&
        (['from', 'to'] as const).map((end) => (
          <Widget
            key={end}
            app={app}
            entity=""
            field={dateField}
            label={t(`dashboard.${end}`)}
            value={days[end]}
            onChange={(v) => typeof v === 'string' && v && put({ [end]: v })}
          />
        ))}
    </>
  )
}

function DayFilter({ app, filter, value, day, onChange }: FilterProps) {
  return (
    <Widget
      app={app}
      entity=""
      field={dateField}
      label={label(filter.title, filter.name)}
      value={value ?? day ?? null}
      onChange={(v) => onChange(typeof v === 'string' && v ? v : undefined)}
    />
  )
}

function ChoiceFilter({ filter, value, onChange }: FilterProps) {
  const options = (filter.options ?? []).filter((o) => !o.retired || o.name === value)
  return (
    <Select
      label={label(filter.title, filter.name)}
      choices={[
        { id: '', text: t('dashboard.everything') },
        ...options.map((o) => ({ id: o.name, text: label(o.title, o.name) })),
      ]}
      value={value ?? ''}
      onChange={(v) => onChange(v || undefined)}
    />
  )
}

function ReferenceFilter({ app, meta, filter, value, onChange }: FilterProps) {
  const [search, setSearch] = useState<string>()
  const target = entityOf(meta, filter.entity ?? '')
  const display = target?.display ?? ''
  const ask = (what: { search?: string; filter?: string }) => ({
    queryKey: ['list', app, filter.entity, 'filter', what],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      listRecords(app, filter.entity!, { ...what, fields: display, page_size: most }, signal),
    enabled: !!display,
    staleTime: 60_000,
  })
  const found = useQuery({ ...ask({ search: search ?? '' }), placeholderData: keepPreviousData })
  const chosen = useQuery({ ...ask({ filter: `id == ${JSON.stringify(value)}` }), enabled: !!value && !!display })
  const name = label(filter.title, filter.name)
  return (
    <Frame p={{ app, entity: filter.entity ?? '', field: dateField, label: name, value, onChange: () => {} }}>
      {(tied) => (
        <Finder
          tied={tied}
          shown={value ? String(chosen.data?.records[0]?.[display] ?? '…') : ''}
          options={(found.data?.records ?? []).map((r) => ({ id: r.id, text: String(r[display] ?? '') }))}
          answered={found.isPlaceholderData ? '\u0000' : (search ?? '')}
          onQuery={setSearch}
          onPick={(o) => onChange(o.id)}
          onClear={() => onChange(undefined)}
          placeholder={t('dashboard.everything')}
        />
      )}
    </Frame>
  )
}

const kinds = { period: PeriodFilter, day: DayFilter, choice: ChoiceFilter, reference: ReferenceFilter }

/** Filters narrow all cards; what is chosen stands in the address. */
export function Filters({
  app,
  meta,
  filters,
  address,
  resolved,
  go,
}: {
  app: string
  meta: AppMeta
  filters: FilterMeta[]
  address: Record<string, string | undefined>
  resolved: Record<string, Period | string> | undefined
  go: (patch: Record<string, string | undefined>) => void
}) {
  return (
    <section className="dash-filters" aria-label={t('dashboard.filters')}>
      {filters.map((f) => {
        const One = kinds[f.kind]
        const now = resolved?.[f.name]
        return (
          <One
            key={f.name}
            app={app}
            meta={meta}
            filter={f}
            value={address[addressOf(f)]}
            period={typeof now === 'object' ? now : undefined}
            day={typeof now === 'string' ? now : undefined}
            onChange={(v) => go({ [addressOf(f)]: v })}
          />
        )
      })}
    </section>
  )
}
