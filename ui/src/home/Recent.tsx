import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type AppCard, metaQuery } from '../api/apps.ts'
import { useMe } from '../api/me.ts'
import { useVisits, type Visit } from '../api/recent.ts'
import { ago } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { entityOf } from '../meta/find.ts'

const most = 10

function Row({ visit }: { visit: Visit }) {
  const { data: meta } = useQuery(metaQuery(visit.app))
  const entity = meta && entityOf(meta, visit.entity)
  return (
    <Link
      to="/a/$app/r/$entity/$id"
      params={{ app: visit.app, entity: visit.entity, id: visit.id }}
      search={{}}
      className="home-row"
    >
      <Icon name={entity?.icon ?? 'file'} />
      <span className="grow">
        <span className="home-clip">{visit.text}</span>
        <span className="soft home-small">
          {label(entity?.title)} · {ago(new Date(visit.at).toISOString())}
        </span>
      </span>
    </Link>
  )
}

/** Recent lists the records that the person opened last on this device. */
export function Recent({ apps }: { apps: AppCard[] }) {
  const me = useMe()
  const list = useVisits(me.id)
    .filter((v) => apps.some((a) => a.name === v.app))
    .slice(0, most)
  return (
    <section aria-labelledby="home-recent" className="home-side">
      <h2 id="home-recent" className="home-head">
        {t('home.recent')}
      </h2>
      <div className="card home-list">
        {list.length === 0 ? (
          <p className="home-none">
            <Icon name="clock" size={18} />
            <span className="soft">{t('home.recentNone')}</span>
          </p>
        ) : (
          <ul>
            {list.map((v) => (
              <li key={`${v.app}:${v.entity}:${v.id}`}>
                <Row visit={v} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}
