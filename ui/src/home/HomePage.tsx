import { useQuery } from '@tanstack/react-query'
import { type AppCard, appsQuery } from '../api/apps.ts'
import { todosQuery } from '../api/inbox.ts'
import { useMe } from '../api/me.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Main, Page } from '../kit/page.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { keyText, useAllCommands } from '../shell/commands.ts'
import { AppCards } from './AppCards.tsx'
import { Recent } from './Recent.tsx'
import { Todos } from './Todos.tsx'
import { Welcome } from './Welcome.tsx'
import './home.css'

/** Find is the palette's way in, in the middle of the page. */
function Find() {
  const palette = useAllCommands().find((c) => c.id === 'palette')
  return (
    <button type="button" className="home-find" onClick={() => palette?.act()}>
      <Icon name="search" size={18} />
      <span className="grow">{t('home.find')}</span>
      <kbd>{keyText('mod+k')}</kbd>
    </button>
  )
}

function Work({ apps }: { apps: AppCard[] }) {
  const { data: todos, error, refetch } = useQuery(todosQuery)
  return (
    <div className="home">
      <div className="home-main">
        <Find />
        <AppCards apps={apps} todos={todos ?? []} />
        <Todos todos={todos} error={error} retry={() => void refetch()} />
      </div>
      <Recent apps={apps} />
    </div>
  )
}

/** HomePage is where the day begins: the apps one works in, what waits there, and what one was at. */
export function HomePage() {
  const me = useMe()
  const { data, error, refetch } = useQuery(appsQuery)
  return (
    <Main>
      <Page title={t('shell.home')} note={t('home.hello', { name: me.name })}>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton shape="cards" />
        ) : data.length === 0 ? (
          <Welcome may={me.builder || me.admin} />
        ) : (
          <Work apps={data} />
        )}
      </Page>
    </Main>
  )
}
