import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type AuditEntry, auditQuery, namesQuery, usersQuery, verifyAudit } from '../api/admin.ts'
import { appsQuery, metaQuery } from '../api/apps.ts'
import { count, moment } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Select } from '../kit/field.tsx'
import { Icon } from '../kit/icon.tsx'
import { More } from '../kit/more.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import { toastProblem } from '../kit/toast.tsx'
import { entityOf } from '../meta/find.ts'
import { actions, kinds } from './actions.ts'

const any = 'any'

function What({ entry: x }: { entry: AuditEntry }) {
  const { data: meta } = useQuery({ ...metaQuery(x.app ?? ''), enabled: !!x.app })
  const kind = kinds[x.entity ?? '']
  const title = kind ? t(kind) : meta && x.entity ? label(entityOf(meta, x.entity)?.title, x.entity) : x.entity
  const target = typeof x.data?.target === 'string' ? x.data.target : undefined
  const text = [meta ? label(meta.title) : x.app, title].filter(Boolean).join(' / ') || target
  if (meta && x.entity && x.record && !kind && x.action !== 'delete')
    return (
      <Link
        to="/a/$app/r/$entity/$id"
        params={{ app: meta.app, entity: x.entity, id: x.record }}
        search={{}}
        className="admin-what"
      >
        {text}
      </Link>
    )
  return text ?? null
}

function Row({ entry: x, names }: { entry: AuditEntry; names: Record<string, string> }) {
  const action = actions[x.action]
  return (
    <tr>
      <td className="nowrap">{moment(x.at)}</td>
      <td>{names[x.actor] ?? (x.actor ? t('common.unknownPerson') : t('common.system'))}</td>
      <td>{action ? t(action) : x.action}</td>
      <td>
        <What entry={x} />
      </td>
      <td>
        {x.code ? (
          <>
            <Tag color="red">{t('admin.auditRefused')}</Tag> <code className="soft">{x.code}</code>
          </>
        ) : (
          <span className="soft">{t('admin.auditDone')}</span>
        )}
      </td>
    </tr>
  )
}

function Verify() {
  const check = useMutation({ mutationFn: verifyAudit, onError: toastProblem })
  const r = check.data
  return (
    <>
      <Button icon="shield" isDisabled={check.isPending} onPress={() => check.mutate()}>
        {t(check.isPending ? 'admin.auditVerifying' : 'admin.auditVerify')}
      </Button>
      <div role="status" className="admin-verdict">
        {r && (
          <p className={`note-box ${r.broken ? 'danger' : 'ok'}`}>
            <Icon name={r.broken ? 'alert' : 'check'} size={18} />
            {r.broken
              ? t('admin.auditBroken', { seq: r.broken.seq })
              : t('admin.auditOk', { sealed: count(r.sealed), unsealed: count(r.unsealed) })}
          </p>
        )}
      </div>
    </>
  )
}

function Filters({ chosen }: { chosen: { app: string; actor: string; action: string } }) {
  const navigate = useNavigate()
  const { data: apps = [] } = useQuery(appsQuery)
  const { data: users } = useInfiniteQuery(usersQuery(''))
  const people = users?.pages.flatMap((p) => p.users) ?? []
  const set = (k: string) => (v: string) =>
    void navigate({ to: '/admin/audit', search: { ...chosen, [k]: v === any ? undefined : v }, replace: true })
  return (
    <div className="admin-tools">
      <Select
        label={t('admin.auditAction')}
        choices={[
          { id: any, text: t('admin.auditAll') },
          ...Object.entries(actions).map(([id, key]) => ({ id, text: t(key) })),
        ]}
        value={chosen.action || any}
        onChange={set('action')}
      />
      <Select
        label={t('admin.auditActor')}
        choices={[{ id: any, text: t('admin.auditAnyone') }, ...people.map((p) => ({ id: p.id, text: p.name }))]}
        value={chosen.actor || any}
        onChange={set('actor')}
      />
      <Select
        label={t('admin.app')}
        choices={[
          { id: any, text: t('admin.auditAllApps') },
          ...apps.map((a) => ({ id: a.name, text: label(a.titles, a.title) })),
        ]}
        value={chosen.app || any}
        onChange={set('app')}
      />
      <Verify />
    </div>
  )
}

/** AuditPage shows who did what and when, and whether the log is whole. */
export function AuditPage() {
  const { app = '', actor = '', action = '' } = useSearch({ strict: false }) as Record<string, string | undefined>
  const list = useInfiniteQuery(auditQuery({ app, actor, action }))
  const { data, error, refetch } = list
  const all = data?.pages.flatMap((p) => p.entries) ?? []
  const ids = [...new Set(all.map((x) => x.actor).filter(Boolean))].sort()
  const { data: names = {} } = useQuery(namesQuery(ids))
  return (
    <Page title={t('admin.audit')} note={t('admin.auditHint')}>
      <Filters chosen={{ app, actor, action }} />
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton shape="table" />
      ) : all.length === 0 ? (
        <Empty icon="history" title={t('admin.auditNone')} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
        <section className="card scroll-x" aria-label={t('admin.audit')} tabIndex={0}>
          <table className="grid-table admin-cards">
            <thead>
              <tr>
                <th scope="col">{t('admin.auditAt')}</th>
                <th scope="col">{t('admin.auditActor')}</th>
                <th scope="col">{t('admin.auditAction')}</th>
                <th scope="col">{t('admin.auditWhat')}</th>
                <th scope="col">{t('admin.auditCode')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((x) => (
                <Row key={x.seq} entry={x} names={names} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <More of={list} className="admin-more" />
    </Page>
  )
}
