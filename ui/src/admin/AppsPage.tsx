import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { namesQuery, releasesQuery } from '../api/admin.ts'
import { type AppCard, appsQuery } from '../api/apps.ts'
import { moment } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'

const shortHash = 8

function Releases({ app, title }: { app: string; title: string }) {
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(releasesQuery(app))
  const all = data?.pages.flatMap((p) => p.releases) ?? []
  const { data: names = {} } = useQuery(namesQuery([...new Set(all.map((r) => r.author))].sort()))
  if (error) return <Failed error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton rows={3} />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className="scroll-x" aria-label={`${t('admin.releases')}: ${title}`} tabIndex={0}>
      <table className="grid-table admin-cards">
        <thead>
          <tr>
            <th scope="col">{t('admin.releaseAt')}</th>
            <th scope="col">{t('admin.releaseBy')}</th>
            <th scope="col">{t('admin.releaseWhy')}</th>
            <th scope="col">{t('admin.releaseCommit')}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((r) => (
            <tr key={r.commit}>
              <td className="nowrap">{moment(r.at)}</td>
              <td>{names[r.author] ?? t('common.system')}</td>
              <td>
                {r.reason} {r.live && <Tag color="green">{t('admin.releaseLive')}</Tag>}
              </td>
              <td>
                <code title={r.commit}>{r.commit.slice(0, shortHash)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasNextPage && <Button onPress={() => void fetchNextPage()}>{t('home.loadMore')}</Button>}
    </section>
  )
}

function App({ app: a }: { app: AppCard }) {
  const [open, setOpen] = useState(false)
  const title = label(a.titles, a.title)
  return (
    <li className="card admin-app">
      <header>
        <Icon name={a.icon} size={22} />
        <div className="grow">
          <h2>{title}</h2>
          <p className="soft">
            {t('admin.appVersion', { v: a.version })} · {t('admin.appGeneration', { n: a.generation })}
          </p>
        </div>
        <Link to="/admin/roles" search={{ app: a.name }} className="btn btn-plain btn-m">
          {t('admin.roles')}
        </Link>
        <a href={`/api/v1/apps/${a.name}/documents:export`} download={`${a.name}.zip`} className="btn btn-plain btn-m">
          <Icon name="download" /> {t('admin.appExport')}
        </a>
      </header>
      <details onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>{t('admin.releases')}</summary>
        {open && <Releases app={a.name} title={title} />}
      </details>
    </li>
  )
}

/** AppsPage lists the apps that are installed, with their releases. */
export function AppsPage() {
  const { data, error, refetch } = useQuery(appsQuery)
  return (
    <Page
      title={t('admin.apps')}
      note={t('admin.appsHint')}
      actions={
        <Link to="/gallery" className="btn btn-plain btn-m">
          <Icon name="store" /> {t('shell.gallery')}
        </Link>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton shape="cards" rows={2} />
      ) : data.length === 0 ? (
        <Empty icon="package" title={t('admin.appsNone')} />
      ) : (
        <ul>
          {data.map((a) => (
            <App key={a.name} app={a} />
          ))}
        </ul>
      )}
    </Page>
  )
}
