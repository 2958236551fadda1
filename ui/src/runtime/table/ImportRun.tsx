import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Failed, State } from '../../kit/state.tsx'
import { importStatus, type Options, runImport, type Uploaded } from './imports.ts'

interface Props {
  app: string
  entity: string
  uploaded: Uploaded
  options: Options
  onBack: () => void
  onAgain: () => void
  onClose: () => void
  onDone: () => void
}

const often = 400 // milliseconds between two questions how far it is

/** ImportRun runs an import and tells how far it is, then what became of it. */
export function ImportRun({ app, entity, uploaded, options, onBack, onAgain, onClose, onDone }: Props) {
  const [error, setError] = useState<unknown>()
  const [started, setStarted] = useState(false)
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    runImport(app, entity, uploaded.import, options)
      .then(() => setStarted(true))
      .catch(setError)
  }, [app, entity, uploaded, options])
  const { data } = useQuery({
    queryKey: ['import', uploaded.import, 'status'],
    queryFn: () => importStatus(app, entity, uploaded.import),
    enabled: started,
    gcTime: 0,
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'running' ? false : often),
  })
  const done = data?.state === 'done'
  const told = useRef(false)
  useEffect(() => {
    if (!done || told.current) return
    told.current = true
    onDone()
  }, [done, onDone])
  if (error) return <Failed error={error} />
  if (done)
    return (
      <State
        icon="check"
        title={t('table.importDone', { n: count(data.written) })}
        text={data.skipped > 0 ? t('table.importDoneSkipped', { n: count(data.skipped) }) : undefined}
      >
        <Button onPress={onAgain}>{t('table.importAgain')}</Button>
        <Button look="primary" onPress={onClose} autoFocus>
          {t('common.done')}
        </Button>
      </State>
    )
  if (data && data.state !== 'running')
    return (
      <State icon="alert" title={t('table.importFailed')} text={data.problem || t('table.importRolled')}>
        <Button onPress={onAgain}>{t('table.importAgain')}</Button>
        <Button look="primary" onPress={onBack}>
          {t('table.importCheck')}
        </Button>
      </State>
    )
  const read = data?.read ?? 0
  return (
    <div className="stack tv-progress">
      <p role="status">{t('table.importRunning', { n: count(read), total: count(uploaded.rows) })}</p>
      <progress max={Math.max(1, uploaded.rows)} value={read} aria-label={t('table.importTitle', { entity: '' })} />
    </div>
  )
}
