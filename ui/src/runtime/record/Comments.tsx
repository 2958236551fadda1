import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { call, path as escaped } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { useMe } from '../../api/me.ts'
import { problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { entityPath } from '../../api/records.ts'
import { ago } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Empty, Failed } from '../../kit/state.tsx'
import { Avatar } from '../../kit/tag.tsx'
import { toastProblem } from '../../kit/toast.tsx'

interface Comment {
  id: string
  text: string
  mentions: string[]
  author: { id: string; name: string }
  created_at: string
  updated_at?: string
}
interface Named {
  id: string
  name: string
}

const most = 2000
const suggested = 6

/** marked shows the names that a text mentions in another colour. */
function marked(text: string): ReactNode[] {
  return text.split(/(@\S+)/g).map((s, i) =>
    s.startsWith('@') ? (
      <b key={i} className="mention">
        {s}
      </b>
    ) : (
      s
    ),
  )
}

function usePeople(q: string | undefined): Named[] {
  const { data } = useQuery({
    queryKey: ['people', q],
    queryFn: ({ signal }) =>
      call<{ people: Named[] }>('GET', '/people', { query: { q, page_size: suggested }, signal }),
    enabled: q !== undefined,
  })
  return q === undefined ? [] : (data?.people ?? [])
}

/** Write is where a comment is written: @ and some letters find a person. */
function Write({
  send,
  first = '',
  onCancel,
}: {
  send: (text: string, mentions: string[]) => Promise<unknown>
  first?: string
  onCancel?: () => void
}) {
  const [text, setText] = useState(first)
  const [known, setKnown] = useState<Named[]>([])
  const [at, setAt] = useState<number>()
  const [pick, setPick] = useState(0)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const box = useRef<HTMLTextAreaElement>(null)
  const word = at === undefined ? undefined : /^@(\S*)/.exec(text.slice(at))?.[1]
  const people = usePeople(word)
  const mention = (p: Named): void => {
    if (at === undefined) return
    setText(`${text.slice(0, at)}@${p.name} ${text.slice(at + 1 + (word?.length ?? 0))}`)
    setKnown([...known.filter((k) => k.id !== p.id), p])
    setAt(undefined)
    box.current?.focus()
  }
  const submit = (): void => {
    if (!text.trim() || busy) return
    setBusy(true)
    const mentions = known.filter((p) => text.includes(`@${p.name}`)).map((p) => p.id)
    send(text.trim(), mentions)
      .then(
        () => {
          setText('')
          setError('')
          onCancel?.()
        },
        (e: unknown) => {
          const p = problemOf(e)
          setError(p.errors[0]?.message ?? (p.detail || t('states.errorTitle')))
        },
      )
      .finally(() => setBusy(false))
  }
  return (
    <div className="say">
      <textarea
        ref={box}
        className="input"
        rows={2}
        maxLength={most}
        aria-label={t('record.comment')}
        placeholder={t('record.commentHint')}
        value={text}
        onChange={(e) => {
          setText(e.target.value)
          const before = e.target.value.slice(0, e.target.selectionStart)
          const m = /(?:^|[\s\u3000-\u303f\uff00-\uffef])@\S*$/.exec(before)
          setAt(m ? before.lastIndexOf('@') : undefined)
          setPick(0)
        }}
        onKeyDown={(e) => {
          if (e.nativeEvent.isComposing) return
          if (people.length > 0 && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
            e.preventDefault()
            setPick((pick + (e.key === 'ArrowDown' ? 1 : people.length - 1)) % people.length)
          } else if (people.length > 0 && (e.key === 'Enter' || e.key === 'Tab')) {
            e.preventDefault()
            mention(people[pick] ?? people[0]!)
          } else if (e.key === 'Escape' && at !== undefined) {
            e.stopPropagation()
            setAt(undefined)
          } else if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
            e.preventDefault()
            submit()
          }
        }}
      />
      {people.length > 0 && (
        <ul className="pop say-people" aria-label={t('record.mention')}>
          {people.map((p, i) => (
            <li key={p.id}>
              <button
                type="button"
                className={`list-item say-person ${i === pick ? 'combo-on' : ''}`}
                onMouseDown={(e) => e.preventDefault()}
                onClick={() => mention(p)}
              >
                <Avatar name={p.name} size={22} /> {p.name}
              </button>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="row say-foot">
        {onCancel && (
          <Button size="s" onPress={onCancel}>
            {t('common.cancel')}
          </Button>
        )}
        <Button size="s" look="primary" isDisabled={!text.trim() || busy} onPress={submit}>
          {t('record.send')}
        </Button>
      </div>
    </div>
  )
}

/** Comments is what people say about a record. */
export function Comments({ app, entity, id }: { app: string; entity: string; id: string }) {
  const me = useMe()
  const [editing, setEditing] = useState<string>()
  const at = entityPath(app, entity, id, 'comments')
  const key = ['record', app, entity, id, 'comments']
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call<{ comments: Comment[] }>('GET', at, { query: { page_size: 100 }, signal }),
  })
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: key })
  useLive((e) => {
    if (e.type.startsWith('tenon.comment') && e.data.record === id) void again()
  })
  if (error) return <Failed error={error} retry={() => void refetch()} />
  const list = data?.comments ?? []
  return (
    <div className="stack">
      <Write send={(text, mentions) => call('POST', at, { body: { text, mentions } }).then(again)} />
      {data && list.length === 0 && (
        <Empty icon="message" title={t('record.noComments')} text={t('record.noCommentsHint')} />
      )}
      <ul className="comments">
        {list.map((c) => (
          <li key={c.id} className="comment">
            <Avatar name={c.author.name} />
            <div className="grow">
              <p className="comment-head">
                <b>{c.author.name}</b> <span className="soft">{ago(c.created_at)}</span>
                {c.updated_at && <span className="soft"> {t('record.edited')}</span>}
              </p>
              {editing === c.id ? (
                <Write
                  first={c.text}
                  onCancel={() => setEditing(undefined)}
                  send={(text, mentions) =>
                    call('PATCH', `${at}${escaped(c.id)}`, {
                      body: { text, mentions: [...new Set([...mentions, ...c.mentions])] },
                    }).then(again)
                  }
                />
              ) : (
                <p className="comment-text" dir="auto">
                  {marked(c.text)}
                </p>
              )}
            </div>
            {editing !== c.id && (c.author.id === me.id || me.admin) && (
              <span className="row">
                {c.author.id === me.id && (
                  <IconButton icon="pencil" size="s" label={t('common.edit')} onPress={() => setEditing(c.id)} />
                )}
                <IconButton
                  icon="delete"
                  size="s"
                  label={t('common.delete')}
                  onPress={() =>
                    void call('DELETE', `${at}${escaped(c.id)}`)
                      .then(again)
                      .catch(toastProblem)
                  }
                />
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
