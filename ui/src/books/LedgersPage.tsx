import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useMeta } from '../api/apps.ts'
import { type Ledger, ledgersQuery, provisionalQuery } from '../api/books.ts'
import { useMe } from '../api/me.ts'
import { count, day } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { entityOf, tableOf } from '../meta/find.ts'
import type { AppMeta } from '../meta/types.ts'
import { CloseDialog } from './CloseDialog.tsx'
import { Jobs } from './Jobs.tsx'
import { Proof } from './Proof.tsx'
import { ReopenDialog } from './ReopenDialog.tsx'
import './books.css'

function Tables({ meta, ledger }: { meta: AppMeta; ledger: Ledger }) {
  const tables = [
    ['history', ledger.entry_entity],
    ['package', ledger.balance_entity],
    ['wallet', ledger.cost_entity],
  ] as const
  const shown = tables.flatMap(([icon, entity]) => {
    const view = entity && tableOf(meta, entity)
    return view ? [{ icon, view }] : []
  })
  if (shown.length === 0) return null
  return (
    <nav className="books-tables wrap-btns" aria-label={t('books.tables', { ledger: label(ledger.title) })}>
      {shown.map(({ icon, view }) => (
        <Link
          key={view}
          to="/a/$app/v/$view"
          params={{ app: meta.app, view }}
          search={{}}
          className="btn btn-plain btn-m"
        >
          <Icon name={icon} /> {label(meta.views.find((v) => v.name === view)?.title, view)}
        </Link>
      ))}
    </nav>
  )
}

/** What the costs are that may change yet, with the way to them. */
function Provisional({ meta, ledger }: { meta: AppMeta; ledger: Ledger }) {
  const costs = ledger.cost_entity ?? ''
  const { data: n } = useQuery({ ...provisionalQuery(meta.app, costs), enabled: !!entityOf(meta, costs) })
  if (!n) return null
  const view = tableOf(meta, costs)
  const text = t('books.provisional', { n: count(n) })
  return (
    <p className="note-box warn">
      <span>
        {view ? (
          <Link to="/a/$app/v/$view" params={{ app: meta.app, view }} search={{ filter: 'provisional' }}>
            {text}
          </Link>
        ) : (
          text
        )}{' '}
        {t('books.provisionalMeans')}
      </span>
    </p>
  )
}

function Book({ meta, ledger }: { meta: AppMeta; ledger: Ledger }) {
  const [open, setOpen] = useState<'close' | 'reopen'>()
  const title = label(ledger.title)
  const through = ledger.closed_through
  const end = (): void => setOpen(undefined)
  return (
    <li className="card card-pad books-ledger">
      <header className="books-head">
        <div className="grow">
          <h3>{title}</h3>
          {ledger.help && <p className="soft">{label(ledger.help)}</p>}
          {ledger.secondary_quantity && (
            <p className="soft">{t('books.counts', { what: label(ledger.secondary_quantity) })}</p>
          )}
        </div>
        <Tables meta={meta} ledger={ledger} />
      </header>
      <Provisional meta={meta} ledger={ledger} />
      <div className="books-state">
        <Icon name={through ? 'lock' : 'clock'} />
        <p className="grow">
          <strong>{through ? t('books.closedThrough', { day: day(through) }) : t('books.neverClosed')}</strong>
          <span className="soft"> {t(through ? 'books.closedMeans' : 'books.openMeans')}</span>
        </p>
        {ledger.may_close && (
          <div className="books-acts wrap-btns">
            <Button icon="lock" onPress={() => setOpen('close')} aria-label={t('books.closeTitle', { ledger: title })}>
              {t('books.close')}
            </Button>
            {through && (
              <Button
                look="ghost"
                icon="undo"
                onPress={() => setOpen('reopen')}
                aria-label={t('books.reopenTitle', { ledger: title })}
              >
                {t('books.reopen')}
              </Button>
            )}
          </div>
        )}
      </div>
      {open === 'close' && <CloseDialog meta={meta} ledger={ledger} onClose={end} />}
      {open === 'reopen' && through && <ReopenDialog app={meta.app} ledger={ledger} through={through} onClose={end} />}
    </li>
  )
}

/** LedgersPage is where the ledgers of an app are closed, what it keeps is proven, and what is being worked out is seen. */
export function LedgersPage() {
  const { app } = useParams({ strict: false }) as { app: string }
  const meta = useMeta(app)
  const me = useMe()
  const { data, error, refetch } = useQuery(ledgersQuery(app))
  return (
    <Page title={t('books.title')} note={t('books.note')}>
      <section aria-labelledby="books-ledgers">
        <h2 id="books-ledgers" className="books-title">
          {t('books.ledgers')}
        </h2>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton shape="cards" rows={1} />
        ) : data.length === 0 ? (
          <Empty icon="wallet" title={t('books.none')} text={t('books.noneHint')} />
        ) : (
          <ul className="stack">
            {data.map((l) => (
              <Book key={l.name} meta={meta} ledger={l} />
            ))}
          </ul>
        )}
      </section>
      {(me.admin || me.builder) && <Proof meta={meta} ledgers={data ?? []} />}
      <Jobs meta={meta} />
    </Page>
  )
}
