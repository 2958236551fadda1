import { useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Page } from '../kit/page.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'

interface Ready {
  status: string
  apps_failed?: number
}

async function ready(): Promise<Ready> {
  const res = await fetch('/readyz')
  return res.ok ? ((await res.json()) as Ready) : { status: 'busy' }
}

function Health() {
  const { data } = useQuery({ queryKey: ['ready'], queryFn: ready, staleTime: 0, refetchInterval: 15_000 })
  if (!data) return null
  if (data.status !== 'ready') return <Tag color="red">{t('admin.healthBad')}</Tag>
  if (data.apps_failed) return <Tag color="orange">{t('admin.healthApps', { n: data.apps_failed })}</Tag>
  return <Tag color="green">{t('admin.healthOk')}</Tag>
}

/** AboutPage says what version this is and how it is. */
export function AboutPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['about'],
    queryFn: () =>
      call<{ info: { version: string; license: { name: string } } }>('GET', '/openapi.json').then((d) => d.info),
    staleTime: 300_000,
  })
  return (
    <Page title={t('admin.about')} note={t('admin.aboutHint')}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={4} />
      ) : (
        <div className="card card-pad admin-about">
          <dl>
            <dt>{t('admin.version')}</dt>
            <dd>Tenon {data.version}</dd>
            <dt>{t('admin.health')}</dt>
            <dd>
              <Health />
            </dd>
            <dt>{t('admin.api')}</dt>
            <dd>
              <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> <span className="soft">{t('admin.apiHint')}</span>
            </dd>
            <dt>{t('admin.docs')}</dt>
            <dd>
              <a href="/api/v1/schemas">/api/v1/schemas</a> <span className="soft">{t('admin.docsHint')}</span>
            </dd>
            <dt>{t('admin.licence')}</dt>
            <dd>{data.license.name}</dd>
          </dl>
        </div>
      )}
    </Page>
  )
}
