import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import {
  type Difference,
  type LastProof,
  type Ledger,
  type Verification,
  verificationQuery,
  verifyApp,
} from '../api/books.ts'
import { queries } from '../api/query.ts'
import { count, decimal, moment } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { entityOf, fieldOf } from '../meta/find.ts'
import type { AppMeta } from '../meta/types.ts'
import { Earlier } from './Earlier.tsx'

/** placeOf says where a value is kept, in the words of the app: "sales_order", "lines.amount". */
export function placeOf(meta: AppMeta, entity: string, field: string): string {
  const e = entityOf(meta, entity)
  const [first = '', second] = field.split('.')
  const f = fieldOf(e, first)
  const inner = second && f?.lines?.find((x) => x.name === second)
  const parts = [label(e?.title, entity), label(f?.title, first), second && label(inner ? inner.title : '', second)]
  return parts.filter(Boolean).join(' · ')
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

function What({ d, ledgers }: { d: Difference; ledgers: Ledger[] }) {
  if (d.what === 'ledger') {
    const l = ledgers.find((x) => x.name === d.name)
    return <>{t('books.whatLedger', { name: label(l?.title, d.name) })}</>
  }
  return (
    <>
      {t(
        ({ rollup: 'books.whatRollup', formula: 'books.whatFormula', aggregate: 'books.whatAggregate' } as const)[
          d.what
        ],
      )}
    </>
  )
}

function Differences({ meta, ledgers, list }: { meta: AppMeta; ledgers: Ledger[]; list: Difference[] }) {
  const said = (v: string): string => v || t('books.nothing')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className="scroll-x books-differing" aria-label={t('books.differing')} tabIndex={0}>
      <table className="grid-table books-cards">
        <thead>
          <tr>
            <th scope="col">{t('books.what')}</th>
            <th scope="col">{t('books.where')}</th>
            <th scope="col">{t('books.stored')}</th>
            <th scope="col">{t('books.right')}</th>
            <th scope="col">
              <span className="hidden">{t('books.openRecord')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.map((d, i) => (
            <tr key={i}>
              <td>
                <What d={d} ledgers={ledgers} />
              </td>
              <td>{placeOf(meta, d.entity, d.field)}</td>
              <td className="books-value" data-head={t('books.stored')}>
                {said(d.stored)}
              </td>
              <td className="books-value" data-head={t('books.right')}>
                {said(d.recomputed)}
              </td>
              <td className="nowrap">
                {uuid.test(d.record) && entityOf(meta, d.entity)?.actions.includes('read') ? (
                  <Link
                    to="/a/$app/r/$entity/$id"
                    params={{ app: meta.app, entity: d.entity, id: d.record }}
                    search={{}}
                  >
                    {t('books.openRecord')}
                  </Link>
                ) : (
                  <code>{d.record}</code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function verdict(v: Verification): string {
  const n = v.differences.length
  if (n === 0) return t('books.proofWhole')
  return t(v.truncated ? 'books.proofDiffersMore' : 'books.proofDiffers', { n: count(n) })
}

function Verdict({ meta, ledgers, last }: { meta: AppMeta; ledgers: Ledger[]; last: LastProof }) {
  const v = last.result
  if (!v || !last.at) return <p className="soft">{t('books.proofNever')}</p>
  const whole = v.differences.length === 0
  const { checked: n } = v
  const seconds = `${Math.floor(v.took_ms / 1000)}.${Math.floor((v.took_ms % 1000) / 100)}`
  return (
    <div className="stack">
      <div className={`note-box ${whole ? 'ok' : 'danger'}`}>
        <Icon name={whole ? 'check' : 'warning'} size={18} />
        <div>
          <p>
            <strong>{verdict(v)}</strong>{' '}
            <span className="soft">
              {t('books.proofBy', {
                at: moment(last.at),
                who: t(last.by === 'nightly' ? 'books.byNight' : 'books.byAdmin'),
              })}
            </span>
          </p>
          <p className="soft">
            {t('books.checked', {
              ledgers: count(n.ledgers),
              rollups: count(n.rollups),
              formulas: count(n.formulas),
              aggregates: count(n.aggregates),
              seconds: decimal(seconds),
            })}
          </p>
        </div>
      </div>
      {!whole && <Differences meta={meta} ledgers={ledgers} list={v.differences} />}
      {!!v.earlier?.length && <Earlier meta={meta} ledgers={ledgers} list={v.earlier} />}
    </div>
  )
}

/** Proof tells what the last check of all that an app keeps has found, and checks anew. */
export function Proof({ meta, ledgers }: { meta: AppMeta; ledgers: Ledger[] }) {
  const { data, error, refetch } = useQuery(verificationQuery(meta.app))
  const act = useMutation({
    mutationFn: () => verifyApp(meta.app),
    onSettled: () => queries.invalidateQueries({ queryKey: ['verification', meta.app] }),
  })
  return (
    <section aria-labelledby="books-proof">
      <h2 id="books-proof" className="books-title">
        {t('books.proof')}
      </h2>
      <div className="card card-pad stack">
        <div className="books-head">
          <p className="soft grow">{t('books.proofNote')}</p>
          <Button look="primary" icon="shield" isDisabled={act.isPending} onPress={() => act.mutate()}>
            {t('books.proofNow')}
          </Button>
        </div>
        <div role="status" className="stack">
          {act.isPending ? (
            <>
              <progress className="books-bar" aria-label={t('books.proof')} />
              <p className="soft">{t('books.proofRunning')}</p>
            </>
          ) : act.error || error ? (
            <Failed error={act.error ?? error} retry={() => (act.error ? act.mutate() : void refetch())} />
          ) : data ? (
            <Verdict meta={meta} ledgers={ledgers} last={data} />
          ) : (
            <Skeleton rows={2} />
          )}
        </div>
      </div>
    </section>
  )
}
