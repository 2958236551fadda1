import { useMemo } from 'react'
import { useMeta } from '../../api/apps.ts'
import { clock } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Page } from '../../kit/page.tsx'
import { Empty, Failed } from '../../kit/state.tsx'
import { useAddress } from '../address.ts'
import type { ScreenProps } from '../screens.ts'
import { CardFrame } from './CardFrame.tsx'
import { Filters } from './Filters.tsx'
import type { DashboardMeta } from './types.ts'
import { useDashboard } from './useDashboard.ts'
import './dashboard.css'

/** DashboardScreen shows numbers over several entities, kept up to date while others work. */
export function DashboardScreen({ app, view: shown }: ScreenProps) {
  const view = shown as DashboardMeta
  const meta = useMeta(app)
  const [address, go] = useAddress()
  const { data, error, fetching, changed, refresh } = useDashboard(app, meta, view, address)
  const asOf = useMemo(() => {
    const times = Object.values(data?.cards ?? {}).flatMap((c) => (c.as_of ? [c.as_of] : []))
    return times.sort().at(-1)
  }, [data])
  if (view.cards.length === 0)
    return (
      <Page title={label(view.title, view.name)}>
        <Empty title={t('dashboard.noCards')} icon="dashboard" />
      </Page>
    )
  return (
    <Page
      title={label(view.title, view.name)}
      note={label(view.help) || undefined}
      wide
      actions={
        <div className="dash-state">
          <span className="soft" role="status">
            {fetching ? t('dashboard.refreshing') : asOf ? t('dashboard.asOf', { at: clock(asOf) }) : ''}
          </span>
          <IconButton
            icon="refresh"
            label={t('common.refresh')}
            className={`noprint ${fetching ? 'dash-turning' : ''}`}
            onPress={() => refresh()}
          />
          <IconButton icon="print" label={t('dashboard.print')} className="noprint" onPress={() => window.print()} />
        </div>
      }
    >
      {view.filters.length > 0 && (
        <Filters app={app} meta={meta} filters={view.filters} address={address} resolved={data?.filters} go={go} />
      )}
      {error && !data ? (
        <Failed error={error} retry={() => refresh()} />
      ) : (
        <div className="dash-grid">
          {view.cards.map((c) => (
            <CardFrame
              key={c.name}
              app={app}
              card={c}
              data={data?.cards[c.name]}
              changed={changed.has(c.name)}
              retry={() => refresh([c.name])}
            />
          ))}
        </div>
      )}
    </Page>
  )
}
