import { type DragEvent, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { fieldErrors } from '../../kit/errors.ts'
import { Icon } from '../../kit/icon.tsx'
import { type Uploaded, uploadImport } from './imports.ts'

/** ImportUpload takes the file. */
export function ImportUpload({
  app,
  entity,
  onTook,
}: {
  app: string
  entity: string
  onTook: (f: File, u: Uploaded) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)
  const [error, setError] = useState<unknown>()
  const take = (f: File | undefined): void => {
    if (!f) return
    setBusy(true)
    setError(undefined)
    uploadImport(app, entity, f)
      .then((u) => onTook(f, u))
      .catch(setError)
      .finally(() => setBusy(false))
  }
  const drop = (e: DragEvent): void => {
    e.preventDefault()
    setOver(false)
    take(e.dataTransfer.files[0])
  }
  const wrong = fieldErrors(error, [])['']
  return (
    <section
      aria-label={t('table.importPick')}
      className={`tv-drop ${over ? 'tv-dropping' : ''}`}
      onDragOver={(e) => {
        e.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span className="state-icon">
        <Icon name="upload" size={28} />
      </span>
      <p>{t('table.importDrop')}</p>
      <Button look="primary" isDisabled={busy} onPress={() => input.current?.click()}>
        {t(busy ? 'table.importReading' : 'table.importPick')}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".xlsx,.csv,.tsv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        className="hidden"
        aria-label={t('table.importPick')}
        tabIndex={-1}
        onChange={(e) => {
          take(e.target.files?.[0])
          e.target.value = ''
        }}
      />
      <p className="soft">{t('table.importHint')}</p>
      {wrong && (
        <p className="note-box danger" role="alert">
          {wrong}
        </p>
      )}
    </section>
  )
}
