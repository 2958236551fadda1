import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { metaQuery } from '../api/apps.ts'
import type { Todo } from '../api/inbox.ts'
import { count } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import { entityOf, tableOf } from '../meta/find.ts'

function Row({ todo }: { todo: Todo }) {
  const { data: meta } = useQuery(metaQuery(todo.app))
  const entity = meta && entityOf(meta, todo.entity)
  const view = todo.view || (meta && tableOf(meta, todo.entity))
  const search = entity?.state_field ? { filter: `${entity.state_field} == '${todo.state}'` } : {}
  const text = (
    <>
      <Icon name={entity?.icon ?? 'clipboard'} />
      <span className="grow">
        {todo.entity_title} <Tag color="orange">{todo.state_title}</Tag>
        <span className="home-moves soft">{todo.transitions.map((x) => label(x.title)).join(' / ')}</span>
      </span>
      <strong className="num">
        {count(todo.count)}
        <span className="hidden"> {t('home.todoUnit')}</span>
      </strong>
      <Icon name="right" />
    </>
  )
  if (!view) return <span className="home-row">{text}</span>
  return (
    <Link to="/a/$app/v/$view" params={{ app: todo.app, view }} search={search} className="home-row">
      {text}
    </Link>
  )
}

/** Todos lists what waits for the person, each a way to the records themselves. */
export function Todos({ todos, error, retry }: { todos: Todo[] | undefined; error: unknown; retry: () => void }) {
  const apps = [...new Set(todos?.map((x) => x.app))]
  return (
    <section aria-labelledby="home-todos">
      <h2 id="home-todos" className="home-head">
        {t('home.todos')}
      </h2>
      <div className="card home-list">
        {error ? (
          <Failed error={error} retry={retry} />
        ) : !todos ? (
          <div className="card-pad">
            <Skeleton rows={3} />
          </div>
        ) : todos.length === 0 ? (
          <p className="home-none">
            <Icon name="check" size={18} />
            <span>
              {t('home.todosNone')}
              <span className="soft">{t('home.todosNoneHint')}</span>
            </span>
          </p>
        ) : (
          apps.map((app) => {
            const own = todos.filter((x) => x.app === app)
            return (
              <div key={app}>
                {apps.length > 1 && <h3 className="home-group">{own[0]!.app_title}</h3>}
                <ul>
                  {own.map((x) => (
                    <li key={`${x.entity}:${x.state}`}>
                      <Row todo={x} />
                    </li>
                  ))}
                </ul>
              </div>
            )
          })
        )}
      </div>
    </section>
  )
}
