import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { templatesQuery } from '../api/templates.ts'
import { label, t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Main, Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import './gallery.css'

/** GalleryPage shows the templates that can be installed. */
export function GalleryPage() {
  const { data, error, refetch } = useQuery(templatesQuery)
  return (
    <Main>
      <Page title={t('shell.gallery')} note={t('gallery.hint')}>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton shape="cards" />
        ) : data.length === 0 ? (
          <Empty icon="store" title={t('gallery.none')} />
        ) : (
          <ul className="gallery">
            {data.map((x) => (
              <li key={x.name}>
                <Link to="/gallery/$name" params={{ name: x.name }} search={{}} className="card gallery-card">
                  <span className="gallery-cover">
                    <Icon name={x.icon} size={40} />
                  </span>
                  <span className="gallery-text">
                    <span className="gallery-industry soft">{label(x.industry)}</span>
                    <strong>{label(x.title)}</strong>
                    <span className="soft">{label(x.summary)}</span>
                    <span className="row row-wrap gallery-tags">
                      {x.installed && <Tag color="green">{t('gallery.installed')}</Tag>}
                      {x.demo && <Tag color="blue">{t('gallery.withDemo')}</Tag>}
                      <Tag>{x.version}</Tag>
                    </span>
                  </span>
                  <span className="gallery-go">
                    {t('gallery.look')} <Icon name="right" />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Page>
    </Main>
  )
}
