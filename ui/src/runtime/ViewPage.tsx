import { useParams } from '@tanstack/react-router'
import { useView } from '../api/apps.ts'
import { label } from '../i18n/i18n.ts'
import { pageRule, usePageRule } from '../kit/page.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { screens } from './screens.ts'

/** ViewPage shows a view by its type. */
export function ViewPage() {
  const { app, view } = useParams({ strict: false }) as { app: string; view: string }
  const { data, error, refetch } = useView(app, view)
  usePageRule(data && data.type !== 'table' ? pageRule('landscape', label(data.title, data.name)) : undefined)
  if (error) return <Failed alone error={error} retry={() => void refetch()} />
  if (!data)
    return (
      <div className="page">
        <Skeleton shape="table" />
      </div>
    )
  const Screen = screens[data.type]
  if (!Screen) return <Failed alone error={new Error(data.type)} />
  return <Screen key={view} app={app} view={data} />
}
