import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { peopleQuery, type Role, rolesQuery } from '../api/admin.ts'
import { appsQuery } from '../api/apps.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Select, TextField } from '../kit/field.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Avatar, Tag } from '../kit/tag.tsx'
import { useSetRole } from './roles.ts'

/** Add finds somebody to give a role to. */
function Add({
  role,
  onPick,
  onClose,
}: {
  role: Role
  onPick: (p: { id: string; name: string }) => void
  onClose: () => void
}) {
  const [q, setQ] = useState('')
  const { data, error } = useQuery(peopleQuery(useDeferredValue(q.trim())))
  const found = data?.filter((p) => !role.users.some((u) => u.id === p.id))
  return (
    <Dialog title={t('admin.roleAddTo', { role: role.title })} open onClose={onClose}>
      <TextField
        label={t('admin.peopleSearch')}
        placeholder={t('admin.peopleSearch')}
        hideLabel
        autoFocus
        type="search"
        value={q}
        onChange={setQ}
      />
      <div className="admin-found">
        {error ? (
          <Failed error={error} />
        ) : !found ? (
          <Skeleton rows={3} />
        ) : found.length === 0 ? (
          <p className="list-empty">{t('admin.usersNone')}</p>
        ) : (
          <ul>
            {found.map((p) => (
              <li key={p.id}>
                <button type="button" onClick={() => onPick(p)}>
                  <Avatar name={p.name} /> {p.name}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}

function Card({ app, role: r }: { app: string; role: Role }) {
  const [adding, setAdding] = useState(false)
  const change = useSetRole(app)
  return (
    <li className="card card-pad admin-role">
      <header>
        <h2>{r.title}</h2>
        <Tag>{t('admin.roleMembers', { n: r.users.length })}</Tag>
      </header>
      <p className="soft">{r.help}</p>
      <ul className="admin-members">
        {r.users.map((u) => (
          <li key={u.id}>
            <Avatar name={u.name} size={26} />
            <span className="grow">
              {u.name} <span className="soft admin-small">{u.email}</span>
            </span>
            <IconButton
              icon="x"
              label={t('admin.roleWithdraw', { role: r.title, name: u.name })}
              isDisabled={change.isPending}
              onPress={() => change.mutate({ role: r, person: u, on: false })}
            />
          </li>
        ))}
        {r.users.length === 0 && <li className="soft">{t('admin.roleNobody')}</li>}
        {r.more && <li className="soft">{t('admin.roleMore')}</li>}
      </ul>
      <Button size="s" icon="plus" onPress={() => setAdding(true)} aria-label={t('admin.roleAddTo', { role: r.title })}>
        {t('admin.roleAdd')}
      </Button>
      {adding && (
        <Add
          role={r}
          onClose={() => setAdding(false)}
          onPick={(person) => {
            setAdding(false)
            change.mutate({ role: r, person, on: true })
          }}
        />
      )}
    </li>
  )
}

function Roles({ app }: { app: string }) {
  const { data, error, refetch } = useQuery(rolesQuery(app))
  if (error) return <Failed error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton shape="cards" />
  return (
    <ul className="admin-roles">
      {data.map((r) => (
        <Card key={r.id} app={app} role={r} />
      ))}
    </ul>
  )
}

/** RolesPage shows who has which role of an app, to give and withdraw them. */
export function RolesPage() {
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { app?: string }
  const { data: apps, error, refetch } = useQuery(appsQuery)
  const app = search.app ?? apps?.[0]?.name
  return (
    <Page title={t('admin.roles')} note={t('admin.rolesHint')}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !apps ? (
        <Skeleton shape="cards" />
      ) : !app ? (
        <Empty icon="shield" title={t('admin.rolesNoApps')} />
      ) : (
        <>
          {apps.length > 1 && (
            <div className="admin-tools">
              <Select
                label={t('admin.app')}
                choices={apps.map((a) => ({ id: a.name, text: label(a.titles, a.title) }))}
                value={app}
                onChange={(id) => void navigate({ to: '/admin/roles', search: { app: id } })}
              />
            </div>
          )}
          <Roles key={app} app={app} />
        </>
      )}
    </Page>
  )
}
