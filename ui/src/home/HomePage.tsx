import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { appsQuery } from '../api/apps.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'

/** HomePage is where the day begins: the apps one works in. */
export function HomePage() {
  const { data, error, refetch } = useQuery(appsQuery)
  return (
    <main id="main" className="main">
      <Page title={t('shell.home')}>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton shape="cards" />
        ) : data.length === 0 ? (
          <Empty />
        ) : (
          <ul>
            {data.map((a) => (
              <li key={a.name}>
                <Link to="/a/$app" params={{ app: a.name }}>
                  <Icon name={a.icon} /> {label(a.titles, a.title)}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Page>
    </main>
  )
}
