import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { markRead, type Notification, notificationsQuery } from '../api/inbox.ts'
import { ago, moment } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { More } from '../kit/more.tsx'
import { Main, Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Avatar } from '../kit/tag.tsx'
import { toastProblem } from '../kit/toast.tsx'
import './inbox.css'

/** What the system tells has a picture of its own; the rest has the person who did it. */
const icons: Partial<Record<Notification['kind'], string>> = { rule: 'clock', verification: 'shield' }

/** whatOf says what a message is about: what a person did, or what the system has seen. */
function whatOf(n: Notification): string {
  if (n.kind === 'rule') return n.text ?? ''
  if (n.kind === 'verification') return n.title
  return t(n.kind === 'mention' ? 'home.mention' : 'home.assigned', { name: n.actor.name || t('common.unknownPerson') })
}

function Row({ n, onRead }: { n: Notification; onRead: () => void }) {
  const fresh = !n.read_at
  const what = whatOf(n)
  return (
    <li className={`inbox-row ${fresh ? 'inbox-fresh' : ''}`}>
      <Link
        {...(n.record
          ? { to: '/a/$app/r/$entity/$id', params: { app: n.app, entity: n.entity, id: n.record } }
          : { to: '/a/$app/ledgers', params: { app: n.app } })}
        search={{}}
        className="inbox-link"
        onClick={() => fresh && onRead()}
      >
        {icons[n.kind] ? (
          <span className="inbox-icon" aria-hidden>
            <Icon name={icons[n.kind]!} size={20} />
          </span>
        ) : (
          <Avatar name={n.actor.name || '?'} size={34} />
        )}
        <span className="inbox-text">
          <span>
            {fresh && <span className="inbox-dot" role="img" aria-label={t('home.unread')} />}
            <strong>{what}</strong>
          </span>
          {n.text && n.kind !== 'rule' && <span className="inbox-said">{n.text}</span>}
          <span className="soft inbox-small">
            {n.record && `${n.entity_title} · ${n.title} · `}
            <time title={moment(n.created_at)}>{ago(n.created_at)}</time>
          </span>
        </span>
      </Link>
      {fresh && <IconButton icon="check" label={t('home.markRead')} onPress={onRead} />}
    </li>
  )
}

/** InboxPage lists what concerns the person; each message leads to its record. */
export function InboxPage() {
  const [unread, setUnread] = useState(false)
  const list = useInfiniteQuery(notificationsQuery(unread))
  const { data, error, refetch } = list
  const mark = useMutation({ mutationFn: markRead, onError: toastProblem })
  const all = data?.pages.flatMap((p) => p.notifications) ?? []
  const waiting = data?.pages[0]?.unread ?? 0
  return (
    <Main>
      <Page
        title={t('shell.inbox')}
        actions={
          <Button icon="check" isDisabled={!waiting || mark.isPending} onPress={() => mark.mutate({ all: true })}>
            {t('home.markAll')}
          </Button>
        }
      >
        <fieldset className="inbox-kinds">
          <legend className="hidden">{t('shell.inbox')}</legend>
          {[false, true].map((only) => (
            <Button
              key={String(only)}
              size="s"
              look={only === unread ? 'plain' : 'ghost'}
              aria-pressed={only === unread}
              onPress={() => setUnread(only)}
            >
              {t(only ? 'home.inboxUnread' : 'home.inboxAll')}
              {only && waiting > 0 ? ` ${waiting}` : ''}
            </Button>
          ))}
        </fieldset>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton />
        ) : all.length === 0 ? (
          <Empty icon="bell" title={t(unread ? 'home.inboxNoneUnread' : 'home.inboxNone')} text={t('home.inboxHint')} />
        ) : (
          <ul className="card inbox-list">
            {all.map((n) => (
              <Row key={n.id} n={n} onRead={() => mark.mutate({ ids: [n.id] })} />
            ))}
          </ul>
        )}
        <More of={list} className="inbox-more" />
      </Page>
    </Main>
  )
}
