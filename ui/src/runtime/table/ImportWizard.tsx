import { useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Dialog } from '../../kit/dialog.tsx'
import type { EntityMeta } from '../../meta/types.ts'
import { ImportCheck } from './ImportCheck.tsx'
import { ImportMapping } from './ImportMapping.tsx'
import { ImportRun } from './ImportRun.tsx'
import { ImportUpload } from './ImportUpload.tsx'
import type { Options, Uploaded } from './imports.ts'

interface Props {
  app: string
  entity: EntityMeta
  onClose: () => void
  onDone: () => void
}

type Step = 'upload' | 'mapping' | 'check' | 'run'

/** ImportWizard brings records in from a file: the file, what its columns mean, what is wrong with its rows, the import. */
export function ImportWizard({ app, entity, onClose, onDone }: Props) {
  const [step, setStep] = useState<Step>('upload')
  const [file, setFile] = useState<File>()
  const [uploaded, setUploaded] = useState<Uploaded>()
  const [options, setOptions] = useState<Options>({ mapping: {}, mode: 'all_or_nothing', key: '', corrections: {} })
  const took = (f: File, u: Uploaded): void => {
    setFile(f)
    setUploaded(u)
    setOptions({ mapping: u.mapping, mode: 'all_or_nothing', key: '', corrections: {} })
    setStep('mapping')
  }
  return (
    <Dialog
      title={t('table.importTitle', { entity: label(entity.title) })}
      open
      look="full"
      dismissable={step === 'upload'}
      onClose={onClose}
    >
      {step === 'upload' || !uploaded || !file ? (
        <ImportUpload app={app} entity={entity.name} onTook={took} />
      ) : step === 'mapping' ? (
        <ImportMapping
          app={app}
          entity={entity}
          file={file}
          uploaded={uploaded}
          options={options}
          change={setOptions}
          onSheet={took}
          onBack={() => setStep('upload')}
          onNext={() => setStep('check')}
        />
      ) : step === 'check' ? (
        <ImportCheck
          app={app}
          entity={entity.name}
          uploaded={uploaded}
          options={options}
          change={setOptions}
          onBack={() => setStep('mapping')}
          onNext={() => setStep('run')}
        />
      ) : (
        <ImportRun
          app={app}
          entity={entity.name}
          uploaded={uploaded}
          options={options}
          onBack={() => setStep('check')}
          onAgain={() => setStep('upload')}
          onClose={onClose}
          onDone={onDone}
        />
      )}
    </Dialog>
  )
}
