import { ProgressBar } from 'react-aria-components'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import { BadRows } from './BadRows.tsx'
import { cancel, csvOf, type Progress, save, type Upload } from './job.ts'

interface Props {
  app: string
  entity: string
  upload: Upload
  progress: Progress | undefined
  onAgain: () => void
  onShow: () => void
}

/** ResultStep shows how far the import is, and what came of it. */
export function ResultStep({ app, entity, upload, progress, onAgain, onShow }: Props) {
  const p = progress
  if (!p || p.state === 'running') {
    const read = p?.read ?? 0
    const text = t('imports.running', { read: count(read), total: count(upload.rows) })
    return (
      <div className="stack imp-running">
        <ProgressBar value={upload.rows ? (100 * read) / upload.rows : 0} aria-label={text} className="imp-bar">
          {({ percentage }) => <div className="imp-bar-fill" style={{ width: `${percentage ?? 0}%` }} />}
        </ProgressBar>
        <p role="status">{text}</p>
        <p className="soft">{t('imports.closeRunning')}</p>
        <div>
          <Button onPress={() => void cancel(app, entity, upload.import).catch(toastProblem)}>
            {t('imports.cancelRun')}
          </Button>
        </div>
      </div>
    )
  }
  const ok = p.state === 'done'
  const bad = (): void => {
    const rows = p.errors.map((r) => [...r.cells, r.errors.map((e) => e.message).join(' ')])
    save('import.csv', new Blob([csvOf([...upload.headers, t('imports.problems')], rows)], { type: 'text/csv' }))
  }
  return (
    <div className="stack imp-fill">
      <div className={`note-box ${ok ? 'ok' : 'danger'}`} role="status">
        <Icon name={ok ? 'check' : 'alert'} size={20} />
        <div>
          <strong>{t(ok ? 'imports.done' : p.state === 'cancelled' ? 'imports.stopped' : 'imports.failed')}</strong>
          <p>
            {t('imports.written', { n: count(p.written) })}
            {p.skipped > 0 && ` · ${t('imports.skipped', { n: count(p.skipped) })}`}
          </p>
          {p.problem && <p>{p.problem}</p>}
        </div>
      </div>
      {p.errors.length > 0 && <BadRows upload={upload} rows={p.errors} />}
      <div className="imp-foot">
        {p.errors.length > 0 && (
          <Button icon="download" onPress={bad}>
            {t('imports.downloadBad')}
          </Button>
        )}
        <Button onPress={onAgain}>{t('imports.again')}</Button>
        <Button look="primary" onPress={onShow}>
          {t('imports.show')}
        </Button>
      </div>
    </div>
  )
}
