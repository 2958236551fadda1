import { useQuery } from '@tanstack/react-query'
import { type Job, jobsQuery } from '../api/books.ts'
import { ago, count } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import type { AppMeta } from '../meta/types.ts'
import { placeOf } from './Proof.tsx'

const kinds = {
  recompute: 'books.jobRecompute',
  fill: 'books.jobFill',
  post: 'books.jobPost',
  keep: 'books.jobKeep',
  method: 'books.jobMethod',
} as const

function Row({ meta, job }: { meta: AppMeta; job: Job }) {
  const what = placeOf(meta, job.entity, job.field ?? '')
  const running = job.state === 'running'
  const failed = job.state === 'failed'
  return (
    <li className="books-job">
      <Icon name={failed ? 'warning' : running ? 'refresh' : 'check'} />
      <div className="grow">
        <p>
          <strong>{what}</strong> <span className="soft">{t(kinds[job.kind])}</span>
        </p>
        {running && <progress className="books-bar" max={Math.max(job.total, 1)} value={job.done} aria-label={what} />}
        {!!job.left && <p className="soft">{t('books.jobLeft', { n: count(job.left) })}</p>}
        {job.problem && <p className="soft">{job.problem}</p>}
      </div>
      <p className="soft books-job-state">
        {failed
          ? t('books.jobFailed')
          : running
            ? `${t('books.jobDone', { done: count(job.done), total: count(job.total) })}`
            : t('books.jobReady', { at: ago(job.finished_at ?? job.started_at) })}
        <span className="books-job-since">{running && t('books.jobSince', { at: ago(job.started_at) })}</span>
      </p>
    </li>
  )
}

/** Jobs lists what is being worked out in the background, and what was in the last day. */
export function Jobs({ meta }: { meta: AppMeta }) {
  const { data, error, refetch } = useQuery(jobsQuery(meta.app))
  return (
    <section aria-labelledby="books-jobs">
      <h2 id="books-jobs" className="books-title">
        {t('books.jobs')}
      </h2>
      <div className="card card-pad stack">
        <p className="soft books-note">{t('books.jobsNote')}</p>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton rows={2} />
        ) : data.length === 0 ? (
          <p>{t('books.jobsNone')}</p>
        ) : (
          <ul>
            {data.map((j) => (
              <Row key={j.id} meta={meta} job={j} />
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}
