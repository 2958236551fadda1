import { useState } from 'react'
import { DropZone, FileTrigger } from 'react-aria-components'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { fieldErrors } from '../../kit/errors.ts'
import { Icon } from '../../kit/icon.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import { entityOf } from '../../meta/find.ts'
import { template } from './job.ts'

const types = ['.xlsx', '.csv', 'text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']

/** FileStep takes the file. */
export function FileStep({
  app,
  entity,
  name,
  busy,
  error,
  onFile,
}: {
  app: string
  entity: string
  name: string
  busy?: string
  error: unknown
  onFile: (f: File) => void
}) {
  const meta = useMeta(app)
  const [over, setOver] = useState(false)
  const problem = fieldErrors(error, [])['']
  const lines = (entityOf(meta, entity)?.fields ?? []).filter((f) => f.kind === 'lines' && f.writable)
  return (
    <div className="stack">
      {problem && (
        <p className="note-box danger" role="alert">
          {problem}
        </p>
      )}
      <DropZone
        className={`imp-drop ${over ? 'imp-over' : ''}`}
        onDropEnter={() => setOver(true)}
        onDropExit={() => setOver(false)}
        onDrop={async (e) => {
          setOver(false)
          const item = e.items.find((i) => i.kind === 'file')
          if (item?.kind === 'file') onFile(await item.getFile())
        }}
      >
        <Icon name="upload" size={32} />
        <p>{busy ? t('imports.uploading', { name: busy }) : t('imports.drop')}</p>
        <FileTrigger acceptedFileTypes={types} onSelect={(list) => list?.[0] && onFile(list[0])}>
          <Button look="primary" isDisabled={!!busy}>
            {t('imports.choose')}
          </Button>
        </FileTrigger>
        <p className="soft">{t('imports.dropHint')}</p>
      </DropZone>
      <div className="row row-wrap">
        <Button look="ghost" icon="download" onPress={() => template(app, entity, name).catch(toastProblem)}>
          {t('imports.sample')}
        </Button>
        {lines.map((f) => (
          <Button
            key={f.name}
            look="ghost"
            icon="download"
            onPress={() => template(app, entity, name, f.name).catch(toastProblem)}
          >
            {t('imports.sampleLines', { lines: label(f.title) })}
          </Button>
        ))}
      </div>
      {lines.length > 0 && <p className="soft">{t('imports.linesHint')}</p>}
    </div>
  )
}
