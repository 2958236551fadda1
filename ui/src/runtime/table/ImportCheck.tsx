import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/field.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { type BadRow, type Options, previewImport, type Uploaded } from './imports.ts'
import { said } from './write.ts'

interface Props {
  app: string
  entity: string
  uploaded: Uploaded
  options: Options
  change: (o: Options) => void
  onBack: () => void
  onNext: () => void
}

const listed = 100

/** Fix shows a cell that is wrong, and lets it be read as something else. */
function Fix({ row, column, value, put }: { row: number; column: string; value: string; put: (v: string) => void }) {
  return (
    <input
      className="input"
      aria-label={`${t('table.importFix')}: ${t('table.importRow')} ${row}, ${column}`}
      value={value}
      onChange={(e) => put(e.target.value)}
    />
  )
}

/** ImportCheck judges every row without writing anything; what is wrong can be corrected in its place. */
export function ImportCheck({ app, entity, uploaded, options, change, onBack, onNext }: Props) {
  const [drafts, setDrafts] = useState(options.corrections)
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['import', uploaded.import, options],
    queryFn: ({ signal }) => previewImport(app, entity, uploaded.import, options, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    placeholderData: (old) => old,
  })
  if (error)
    return (
      <>
        <Failed error={error} retry={() => void refetch()} />
        <div className="tv-wizardfoot">
          <Button onPress={onBack}>{t('table.importBack')}</Button>
        </div>
      </>
    )
  if (!data)
    return (
      <>
        <p role="status">{t('table.importChecking')}</p>
        <Skeleton shape="table" />
      </>
    )
  const bad = data.rows.filter((r) => r.errors.some((e) => e.severity === 'error'))
  const put = (row: number, column: string, v: string): void =>
    setDrafts((old) => ({ ...old, [row]: { ...old[row], [column]: v } }))
  const changed = JSON.stringify(drafts) !== JSON.stringify(options.corrections)
  const cellOf = (r: BadRow, column: string): string => drafts[r.row]?.[column] ?? r.cells?.[column] ?? ''
  const some = data.total - data.bad
  return (
    <div className="stack">
      <p role="status" className={`note-box ${data.bad ? 'warn' : 'ok'}`}>
        {t('table.importChecked', {
          n: count(data.checked),
          create: count(data.create),
          update: count(data.update),
          bad: count(data.bad),
        })}{' '}
        {data.bad === 0 && t('table.importAllFine')}
      </p>
      {bad.length > 0 && (
        <>
          <p className="soft">{t('table.importFixHint')}</p>
          <section className="scroll-x" aria-label={t('table.importProblem')}>
            <table className="grid-table tv-badrows">
              <thead>
                <tr>
                  <th scope="col">{t('table.importRow')}</th>
                  <th scope="col">{t('table.importColumn')}</th>
                  <th scope="col">{t('table.importProblem')}</th>
                  <th scope="col">{t('table.importFix')}</th>
                </tr>
              </thead>
              <tbody>
                {bad.slice(0, listed).flatMap((r) =>
                  r.errors
                    .filter((e) => e.severity === 'error')
                    .map((e, i) => (
                      <tr key={`${r.row}.${e.column ?? e.field}.${i}`}>
                        <td>{r.row}</td>
                        <td>{e.column ?? uploaded.fields.find((f) => f.name === e.field)?.title ?? ''}</td>
                        <td className="tv-why">{said(e)}</td>
                        <td>
                          {e.column && (
                            <Fix
                              row={r.row}
                              column={e.column}
                              value={cellOf(r, e.column)}
                              put={(v) => put(r.row, e.column!, v)}
                            />
                          )}
                        </td>
                      </tr>
                    )),
                )}
              </tbody>
            </table>
          </section>
          {bad.length > listed && <p className="soft">{t('table.importMoreBad', { n: listed })}</p>}
          <Checkbox
            isSelected={options.mode === 'skip_bad'}
            onChange={(on) => change({ ...options, mode: on ? 'skip_bad' : 'all_or_nothing' })}
          >
            {t('table.importSkipBad')}
          </Checkbox>
        </>
      )}
      <div className="tv-wizardfoot">
        <Button onPress={onBack}>{t('table.importBack')}</Button>
        {(changed || data.bad > 0) && (
          <Button
            icon="refresh"
            look={changed ? 'primary' : 'plain'}
            isDisabled={isFetching}
            onPress={() => (changed ? change({ ...options, corrections: drafts }) : void refetch())}
          >
            {t(isFetching ? 'table.importChecking' : 'table.importRecheck')}
          </Button>
        )}
        {!changed && (data.bad === 0 || options.mode === 'skip_bad') && some > 0 && (
          <Button look="primary" isDisabled={isFetching} onPress={onNext}>
            {t('table.importRun', { n: count(some) })}
          </Button>
        )}
      </div>
    </div>
  )
}
