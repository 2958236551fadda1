import { useQuery } from '@tanstack/react-query'
import { rolesQuery, type User } from '../api/admin.ts'
import { type AppCard, appsQuery } from '../api/apps.ts'
import { label, t } from '../i18n/i18n.ts'
import { Checkbox } from '../kit/check.tsx'
import { useSetRole } from './roles.ts'

function OfApp({ app, user }: { app: AppCard; user: User }) {
  const { data: roles = [] } = useQuery(rolesQuery(app.name))
  const change = useSetRole(app.name)
  return (
    <fieldset className="admin-set">
      <legend>
        {t('admin.rolesOf')} · {label(app.titles, app.title)}
      </legend>
      {roles.map((r) => (
        <Checkbox
          key={r.id}
          isDisabled={change.isPending}
          isSelected={r.users.some((x) => x.id === user.id)}
          onChange={(on) => change.mutate({ role: r, person: user, on })}
        >
          <span>
            {r.title} <span className="soft admin-small">{r.help}</span>
          </span>
        </Checkbox>
      ))}
    </fieldset>
  )
}

/** UserRoles shows and changes the roles of a person in every app, at once. */
export function UserRoles({ user }: { user: User }) {
  const { data: apps = [] } = useQuery(appsQuery)
  return apps.map((a) => <OfApp key={a.name} app={a} user={user} />)
}
