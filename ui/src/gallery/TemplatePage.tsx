import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useMe } from '../api/me.ts'
import { type TemplatePreview, templateQuery } from '../api/templates.ts'
import { count } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Main, Page } from '../kit/page.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { Tabs } from '../kit/tabs.tsx'
import { Tag } from '../kit/tag.tsx'
import { Install } from './Install.tsx'
import { MenuPreview } from './MenuPreview.tsx'
import { RolesPreview } from './RolesPreview.tsx'
import { SamplePreview } from './SamplePreview.tsx'
import './gallery.css'

function Overview({ of: x }: { of: TemplatePreview }) {
  return (
    <ul className="gallery-entities">
      {x.entities.map((e) => (
        <li key={e.name} className="card gallery-entity">
          <span className="gallery-icon">
            <Icon name={e.icon ?? 'table'} size={18} />
          </span>
          <span className="grow">
            <strong>{label(e.title)}</strong>
            <span className="soft gallery-small">
              {e.fields
                .slice(0, 6)
                .map((f) => label(f.title))
                .join(t('common.listSeparator'))}
            </span>
            <span className="gallery-small soft">
              {t('gallery.fieldsOf', { n: e.fields.length })}{' '}
              {e.states && <Tag color="orange">{t('gallery.states')}</Tag>}
            </span>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Facts({ of: x }: { of: TemplatePreview }) {
  const facts: [string, string][] = [
    ['table', t('gallery.entities', { n: x.entities.length })],
    ['dashboard', t('gallery.pages', { n: x.views.length })],
    ['users', t('gallery.roles', { n: x.roles.length })],
    ...(x.demo.records ? [['sparkles', t('gallery.demo', { n: count(x.demo.records) })] as [string, string]] : []),
  ]
  return (
    <ul className="row row-wrap gallery-facts">
      {facts.map(([icon, text]) => (
        <li key={icon} className="row">
          <Icon name={icon} /> {text}
        </li>
      ))}
    </ul>
  )
}

function Preview({ of: x }: { of: TemplatePreview }) {
  const navigate = useNavigate()
  const { tab } = useSearch({ strict: false }) as { tab?: string }
  return (
    <Tabs
      label={label(x.title)}
      value={tab ?? 'overview'}
      onChange={(id) =>
        void navigate({ to: '/gallery/$name', params: { name: x.name }, search: { tab: id }, replace: true })
      }
      tabs={[
        { id: 'overview', title: t('gallery.tabOverview'), content: <Overview of={x} /> },
        { id: 'sample', title: t('gallery.tabSample'), content: <SamplePreview of={x} /> },
        { id: 'roles', title: t('gallery.tabRoles'), content: <RolesPreview of={x} /> },
        { id: 'menu', title: t('gallery.tabMenu'), content: <MenuPreview of={x} /> },
      ]}
    />
  )
}

/** TemplatePage shows what is in a template before it is installed. */
export function TemplatePage() {
  const me = useMe()
  const { name } = useParams({ strict: false }) as { name: string }
  const { data: x, error, refetch } = useQuery(templateQuery(name))
  const [installing, setInstalling] = useState(false)
  if (error || !x)
    return (
      <Main>
        {error ? (
          <Failed alone error={error} retry={() => void refetch()} />
        ) : (
          <div className="page">
            <Skeleton shape="cards" />
          </div>
        )}
      </Main>
    )
  const clash = x.conflict
  return (
    <Main>
      <Page
        title={label(x.title)}
        note={label(x.summary)}
        actions={
          <>
            <Link to="/gallery" className="btn btn-plain btn-m">
              <Icon name="back" /> {t('gallery.back')}
            </Link>
            {me.builder && (
              <Button look={clash ? 'plain' : 'primary'} icon="download" onPress={() => setInstalling(true)}>
                {t(clash ? 'gallery.installAnother' : 'gallery.install')}
              </Button>
            )}
            {clash && (
              <Link to="/a/$app" params={{ app: clash }} className="btn btn-primary btn-m">
                {t('gallery.openApp')}
              </Link>
            )}
          </>
        }
      >
        <Facts of={x} />
        {clash && (
          <p className="note-box gallery-note">
            <Icon name="info" size={18} />
            <span>
              {t('gallery.clash', { name: label(x.title) })} {me.builder && t('gallery.clashHint')}
            </span>
          </p>
        )}
        {!clash && !me.builder && (
          <p className="note-box gallery-note">
            <Icon name="lock" size={18} /> {t('gallery.mayNot')}
          </p>
        )}
        <Preview of={x} />
        {installing && <Install of={x} onClose={() => setInstalling(false)} />}
      </Page>
    </Main>
  )
}
