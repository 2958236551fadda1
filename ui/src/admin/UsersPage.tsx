import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { departmentsQuery, type User, usersQuery } from '../api/admin.ts'
import { ago, moment } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { TextField } from '../kit/field.tsx'
import { More } from '../kit/more.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Avatar, Tag } from '../kit/tag.tsx'
import { UserSheet } from './UserSheet.tsx'

function Flags({ user: u }: { user: User }) {
  return (
    <span className="admin-tags">
      {u.admin && <Tag color="purple">{t('admin.flagAdmin')}</Tag>}
      {u.builder && <Tag color="blue">{t('admin.flagBuilder')}</Tag>}
      {u.reviewer && <Tag color="green">{t('admin.flagReviewer')}</Tag>}
    </span>
  )
}

function Row({ user: u, names, onOpen }: { user: User; names: Map<string, string>; onOpen: () => void }) {
  return (
    <tr className={u.active ? '' : 'admin-off'}>
      <td>
        <span className="admin-person">
          <Avatar name={u.name} size={32} />
          <span className="admin-person-text">
            <button type="button" className="admin-open" onClick={onOpen}>
              {u.name}
            </button>
            <span className="soft admin-small">{u.email}</span>
          </span>
        </span>
      </td>
      <td>
        <Flags user={u} />
      </td>
      <td>{u.departments.map((d) => names.get(d) ?? '').join(t('common.listSeparator'))}</td>
      <td>
        {!u.active ? (
          <Tag>{t('admin.inactive')}</Tag>
        ) : u.must_change_password ? (
          <Tag color="orange">{t('admin.mustChange')}</Tag>
        ) : (
          <Tag color="green">{t('admin.active')}</Tag>
        )}
      </td>
      <td className="soft nowrap">
        {u.last_login_at ? <time title={moment(u.last_login_at)}>{ago(u.last_login_at)}</time> : t('admin.never')}
      </td>
    </tr>
  )
}

/** UsersPage lists who may sign in. */
export function UsersPage() {
  const [q, setQ] = useState('')
  const [open, setOpen] = useState<string | 'new'>()
  const list = useInfiniteQuery(usersQuery(useDeferredValue(q.trim())))
  const { data, error, refetch } = list
  const { data: departments = [] } = useQuery(departmentsQuery)
  const names = new Map(departments.map((d) => [d.id, d.name]))
  const all = data?.pages.flatMap((p) => p.users) ?? []
  return (
    <Page
      title={t('admin.users')}
      note={t('admin.usersHint')}
      actions={
        <Button look="primary" icon="plus" onPress={() => setOpen('new')}>
          {t('admin.userNew')}
        </Button>
      }
    >
      <div className="admin-tools">
        <div className="admin-search">
          <TextField
            label={t('admin.userSearch')}
            placeholder={t('admin.userSearch')}
            hideLabel
            type="search"
            value={q}
            onChange={setQ}
          />
        </div>
      </div>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton shape="table" />
      ) : all.length === 0 ? (
        <Empty icon="users" title={t('admin.usersNone')} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
        <section className="card scroll-x" aria-label={t('admin.users')} tabIndex={0}>
          <table className="grid-table admin-cards">
            <thead>
              <tr>
                <th scope="col">{t('admin.person')}</th>
                <th scope="col">{t('admin.flags')}</th>
                <th scope="col">{t('admin.department')}</th>
                <th scope="col">{t('admin.status')}</th>
                <th scope="col">{t('admin.lastLogin')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((u) => (
                <Row key={u.id} user={u} names={names} onOpen={() => setOpen(u.id)} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <More of={list} className="admin-more" />
      {open && (
        <UserSheet
          key={open}
          user={all.find((u) => u.id === open)}
          departments={departments}
          onMade={setOpen}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Page>
  )
}
