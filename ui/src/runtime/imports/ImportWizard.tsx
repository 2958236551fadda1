import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Dialog } from '../../kit/dialog.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import { entityOf } from '../../meta/find.ts'
import { CheckStep } from './CheckStep.tsx'
import { ColumnsStep } from './ColumnsStep.tsx'
import { FileStep } from './FileStep.tsx'
import { type Options, preview, progress, run, type Upload, upload } from './job.ts'
import { ResultStep } from './ResultStep.tsx'
import './imports.css'

type Step = 'file' | 'columns' | 'check' | 'done'

const steps: [Step, 'imports.stepFile' | 'imports.stepColumns' | 'imports.stepCheck' | 'imports.stepDone'][] = [
  ['file', 'imports.stepFile'],
  ['columns', 'imports.stepColumns'],
  ['check', 'imports.stepCheck'],
  ['done', 'imports.stepDone'],
]
const fresh: Options = { mapping: {}, mode: 'all_or_nothing', corrections: {} }
const pollMs = 700

/** ImportWizard brings a spreadsheet in: file, columns, check with corrections in place, progress, result. */
export function ImportWizard({
  app,
  entity,
  onClose,
  onDone,
}: {
  app: string
  entity: string
  onClose: () => void
  onDone?: () => void
}) {
  const meta = useMeta(app)
  const [step, setStep] = useState<Step>('file')
  const [file, setFile] = useState<File>()
  const [up, setUp] = useState<Upload>()
  const [options, setOptions] = useState(fresh)
  const send = useMutation({
    mutationFn: ({ file, sheet }: { file: File; sheet?: string }) => upload(app, entity, file, sheet),
    onSuccess: (u) => {
      setUp(u)
      setOptions({ ...fresh, mapping: u.mapping, group: u.group })
      setStep('columns')
    },
  })
  const check = useMutation({
    mutationFn: (o: Options) => preview(app, entity, up as Upload, o),
    onSuccess: () => setStep('check'),
    onError: toastProblem,
  })
  const start = useMutation({
    mutationFn: (o: Options) => run(app, entity, up as Upload, o),
    onSuccess: () => setStep('done'),
    onError: toastProblem,
  })
  const state = useQuery({
    queryKey: ['import', app, entity, up?.import],
    queryFn: () => progress(app, entity, up?.import ?? ''),
    enabled: step === 'done',
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'running' ? false : pollMs),
  })
  const take = (f: File): void => {
    setFile(f)
    send.mutate({ file: f })
  }
  const again = (): void => {
    setUp(undefined)
    setStep('file')
    send.reset()
    check.reset()
  }
  const name = label(entityOf(meta, entity)?.title, entity)
  const end = (): void => {
    if (step === 'done') onDone?.()
    onClose()
  }
  const shared = { app, entity, upload: up as Upload, options, onOptions: setOptions }
  return (
    <Dialog title={t('imports.title', { entity: name })} look="full" open onClose={end} dismissable={false}>
      <div className="imp">
        <ol className="imp-steps">
          {steps.map(([id, text], i) => (
            <li key={id} className="imp-step" aria-current={id === step ? 'step' : undefined}>
              <span className="imp-number" aria-hidden>
                {i + 1}
              </span>
              {t(text)}
            </li>
          ))}
        </ol>
        {step === 'file' && (
          <FileStep
            name={name}
            app={app}
            entity={entity}
            busy={send.isPending ? file?.name : undefined}
            error={send.error}
            onFile={take}
          />
        )}
        {step === 'columns' && up && (
          <ColumnsStep
            {...shared}
            busy={check.isPending}
            onSheet={(sheet) => file && send.mutate({ file, sheet })}
            onBack={again}
            onNext={() => check.mutate(options)}
          />
        )}
        {step === 'check' && up && check.data && (
          <CheckStep
            {...shared}
            found={check.data}
            busy={check.isPending || start.isPending}
            onBack={() => setStep('columns')}
            onCheck={() => check.mutate(options)}
            onRun={() => start.mutate(options)}
          />
        )}
        {step === 'done' && up && (
          <ResultStep {...shared} progress={state.data ?? start.data} onAgain={again} onShow={end} />
        )}
      </div>
    </Dialog>
  )
}
