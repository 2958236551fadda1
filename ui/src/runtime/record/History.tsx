import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import { ago, moment } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { Avatar } from '../../kit/tag.tsx'
import type { Display } from '../../meta/record.ts'
import type { EntityMeta, FieldMeta } from '../../meta/types.ts'
import { sameValue } from '../form/merge.ts'
import { Shown } from '../form/Shown.tsx'

interface Change {
  field: string
  before: unknown
  after: unknown
}
interface Entry {
  at: string
  actor: string
  actor_kind: string
  action: string
  version: number
  changes: Change[]
}
interface Page {
  entries: Entry[]
  next_page_token?: string
  display?: Display
}

type Row = Record<string, unknown>
const rows = (v: unknown): Row[] => (v as Row[] | null) ?? []

function Pair({ f, before, after, display }: { f: FieldMeta; before: unknown; after: unknown; display: Display }) {
  return (
    <span className="past-pair">
      {before != null && (
        <>
          <del>
            <Shown field={f} value={before} display={display} compact />
          </del>
          <span aria-hidden> → </span>
        </>
      )}
      <Shown field={f} value={after} display={display} compact={after != null} />
    </span>
  )
}

/** Lines says which lines came, went or changed. */
function Lines({ f, before, after, display }: { f: FieldMeta; before: unknown; after: unknown; display: Display }) {
  const old = new Map(rows(before).map((l) => [l.id, l]))
  const now = new Map(rows(after).map((l) => [l.id, l]))
  const shown = (f.lines ?? []).filter((c) => c.name !== 'id' && c.name !== 'position')
  const head = shown[0]
  const name = (l: Row) => head && <Shown field={head} value={l[head.name]} display={display} compact />
  return (
    <ul className="past-lines">
      {[...now].map(([id, l], i) => {
        const was = old.get(id)
        if (!was)
          return (
            <li key={String(id)}>
              {t('record.lineAdded', { n: i + 1 })} {name(l)}
            </li>
          )
        const differ = shown.filter((c) => !sameValue(c, was[c.name], l[c.name]))
        if (differ.length === 0) return null
        return (
          <li key={String(id)}>
            {t('record.lineChanged', { n: i + 1 })} {name(l)}:{' '}
            {differ.map((c) => (
              <span key={c.name} className="past-part">
                {label(c.title)} <Pair f={c} before={was[c.name]} after={l[c.name]} display={display} />
              </span>
            ))}
          </li>
        )
      })}
      {[...old].map(([id, l]) =>
        now.has(id) ? null : (
          <li key={String(id)}>
            {t('record.lineRemoved')} {name(l)}
          </li>
        ),
      )}
    </ul>
  )
}

function action(e: Entry): string {
  const texts: Record<string, string> = {
    create: t('record.didCreate'),
    update: t('record.didUpdate'),
    transition: t('record.didTransition'),
    delete: t('record.didDelete'),
    restore: t('record.didRestore'),
  }
  return texts[e.action] ?? e.action
}

/** before are the values that an entry has changed, as they were, where somebody may enter them again. */
function before(entity: EntityMeta, e: Entry): Record<string, unknown> | undefined {
  if (e.action !== 'update') return undefined
  const may = e.changes.filter((c) => entity.fields.some((f) => f.name === c.field && f.writable && !f.masked))
  return may.length ? Object.fromEntries(may.map((c) => [c.field, c.before])) : undefined
}

/** History is what happened to a record, in words. */
export function History({
  app,
  entity,
  id,
  onPutBack,
}: {
  app: string
  entity: EntityMeta
  id: string
  /** Enters values as they once were, where the record may be changed. */
  onPutBack?: (values: Record<string, unknown>, display: Display) => void
}) {
  const [size, setSize] = useState(20)
  const { data, error, refetch } = useQuery({
    queryKey: ['record', app, entity.name, id, 'history', size],
    queryFn: ({ signal }) =>
      call<Page>('GET', verbPath(app, entity.name, 'history', id), { query: { page_size: size }, signal }),
    placeholderData: (old) => old,
  })
  if (error) return <Failed error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton />
  const display = data.display ?? {}
  const who = (e: Entry): string =>
    display[e.actor] ?? t(e.actor_kind === 'user' ? 'common.unknownPerson' : 'common.system')
  return (
    <>
      <ol className="past">
        {data.entries.map((e) => {
          const back = onPutBack && before(entity, e)
          return (
            <li key={e.version} className="past-entry">
              <Avatar name={who(e)} />
              <div className="grow">
                <p>
                  <b>{who(e)}</b> {action(e)}{' '}
                  <time className="soft" dateTime={e.at} title={moment(e.at)}>
                    {ago(e.at)}
                  </time>
                </p>
                <ul className="past-changes">
                  {e.changes.map((c) => {
                    const f = entity.fields.find((x) => x.name === c.field)
                    if (!f || (c.before == null && c.after == null)) return null
                    const Part = f.kind === 'lines' ? Lines : Pair
                    return (
                      <li key={c.field}>
                        <span className="soft">{label(f.title)}</span>{' '}
                        <Part f={f} before={c.before} after={c.after} display={display} />
                      </li>
                    )
                  })}
                </ul>
                {back && (
                  <Button size="s" look="ghost" icon="history" onPress={() => onPutBack(back, display)}>
                    {t('record.putBack')}
                  </Button>
                )}
              </div>
            </li>
          )
        })}
      </ol>
      {data.next_page_token && (
        <Button size="s" onPress={() => setSize(Math.min(200, size + 60))}>
          {t('record.older')}
        </Button>
      )}
    </>
  )
}
