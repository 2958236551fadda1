import { Link } from '@tanstack/react-router'
import type { AppCard } from '../api/apps.ts'
import type { Todo } from '../api/inbox.ts'
import { useMe } from '../api/me.ts'
import { count } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'

/** AppCards are the apps that the person works in, with how much waits in each. */
export function AppCards({ apps, todos }: { apps: AppCard[]; todos: Todo[] }) {
  const me = useMe()
  const waiting = (app: string): number => todos.filter((x) => x.app === app).reduce((n, x) => n + x.count, 0)
  return (
    <section aria-labelledby="home-apps">
      <h2 id="home-apps" className="home-head">
        {t('home.apps')}
      </h2>
      <ul className="home-apps">
        {apps.map((a) => {
          const n = waiting(a.name)
          return (
            <li key={a.name}>
              <Link to="/a/$app" params={{ app: a.name }} className="card home-app">
                <span className="home-icon tint-green">
                  <Icon name={a.icon} size={22} />
                </span>
                <span className="home-app-text">
                  <strong>{label(a.titles, a.title)}</strong>
                  {a.summary && <span className="soft home-app-summary">{a.summary}</span>}
                  {n > 0 && <span className="tag tint-orange">{t('home.todoCount', { n: count(n) })}</span>}
                </span>
              </Link>
            </li>
          )
        })}
        {me.builder && (
          <li>
            <Link to="/gallery" className="home-app home-app-more">
              <Icon name="plus" size={18} />
              {t('home.more')}
            </Link>
          </li>
        )}
      </ul>
    </section>
  )
}
