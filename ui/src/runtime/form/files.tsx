import { useQuery } from '@tanstack/react-query'
import { type ChangeEvent, type ClipboardEvent, type DragEvent, lazy, Suspense, useState } from 'react'
import { bytes, percent } from '../../i18n/format.ts'
import { type Key, t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Frame, type WidgetProps } from './frame.tsx'
import { fileAddress, storedQuery } from './upload.ts'
import { type Sending, useUploads } from './uploads.ts'

const Preview = lazy(() => import('./Preview.tsx').then((m) => ({ default: m.Preview })))

/** FileName is a file by its name, which comes with the record that holds it; it opens when it is pressed. */
export function FileName({ id, name: given, onOpen }: { id: string; name?: string; onOpen?: () => void }) {
  const { data, error } = useQuery({ ...storedQuery(id), enabled: !given })
  const name = given || data?.name || t(error ? 'form.fileGone' : 'form.file')
  return (
    <a
      className="file-name"
      href={fileAddress(id)}
      download={name}
      onClick={(e) => {
        if (!onOpen || e.ctrlKey || e.metaKey) return
        e.preventDefault()
        onOpen()
      }}
    >
      <Icon name="file" />
      <span className="file-text" dir="auto">
        {name}
      </span>
      {data && data.size > 0 && <span className="file-size">{bytes(data.size)}</span>}
    </a>
  )
}

/** Thumb is a small picture that opens when it is pressed. */
export function Thumb({ id, size = 64, onOpen }: { id: string; size?: number; onOpen?: () => void }) {
  const [broken, setBroken] = useState(false)
  const picture = broken ? (
    <Icon name="image" />
  ) : (
    <img src={fileAddress(id)} alt="" width={size} height={size} loading="lazy" onError={() => setBroken(true)} />
  )
  if (!onOpen)
    return (
      <span className="thumb" style={{ width: size, height: size }}>
        {picture}
      </span>
    )
  return (
    <button
      type="button"
      className="thumb"
      style={{ width: size, height: size }}
      aria-label={t('form.openImage')}
      onClick={onOpen}
    >
      {picture}
    </button>
  )
}

/** OnItsWay is a file that is being sent, or wasn't, with the way to stop it or to try again. */
export function OnItsWay({ s }: { s: Sending }) {
  return (
    <li className="files-item files-sending">
      {s.error ? (
        <span role="alert" className="field-error files-why">
          {s.error}
        </span>
      ) : (
        <>
          <span className="file-text" dir="auto">
            {s.name}
          </span>
          <span
            role="progressbar"
            aria-label={s.name}
            aria-valuenow={s.share === undefined ? undefined : Math.round(s.share * 100)}
            className="files-bar"
          >
            <span style={{ width: `${(s.share ?? 0) * 100}%` }} />
          </span>
          <span className="soft">{s.share === undefined ? t('form.uploadWaits') : percent(s.share.toFixed(2))}</span>
        </>
      )}
      {s.again && (
        <Button size="s" onPress={s.again}>
          {t('common.retry')}
        </Button>
      )}
      <IconButton
        icon="x"
        size="s"
        label={t(s.error ? 'form.uploadDrop' : 'form.uploadStop', { name: s.name })}
        onPress={s.stop}
      />
    </li>
  )
}

/** What is touched has neither a hand to drop with nor keys to paste with, but a camera. */
function addKey(image: boolean): Key {
  if (window.matchMedia('(pointer: coarse)').matches) return image ? 'form.takeImage' : 'form.pickFile'
  return image ? 'form.addImage' : 'form.addFile'
}

/** FilesWidget holds files or pictures: chosen, dropped or pasted. What can't be sent says why. */
export function FilesWidget(p: WidgetProps) {
  const image = p.field.kind === 'image'
  const list = (p.value as string[] | null) ?? []
  const most = p.field.max_length ?? 0
  const { sending, send } = useUploads(p.field, list, p.onChange)
  const [over, setOver] = useState(false)
  const [open, setOpen] = useState<string>()
  const full = most > 0 && list.length + sending.filter((s) => !s.error).length >= most
  const drop = (e: DragEvent): void => {
    e.preventDefault()
    setOver(false)
    if (!p.readOnly) send(e.dataTransfer.files, e.dataTransfer.items) // where it is full, it says so of each
  }
  const paste = (e: ClipboardEvent): void => {
    if (p.readOnly || e.clipboardData.files.length === 0) return
    e.preventDefault()
    send(e.clipboardData.files)
  }
  return (
    <Frame p={p} group>
      {(tied) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping and pasting are shortcuts of the button below
        <div
          className={`files ${over ? 'files-over' : ''}`}
          onDragOver={(e) => {
            e.preventDefault()
            setOver(!p.readOnly && !full)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          onPaste={paste}
        >
          <ul className={image ? 'files-images' : 'files-list'}>
            {list.map((id) => (
              <li key={id} className="files-item">
                {image ? (
                  <Thumb id={id} onOpen={() => setOpen(id)} />
                ) : (
                  <FileName id={id} name={p.display?.[id]} onOpen={() => setOpen(id)} />
                )}
                {!p.readOnly && (
                  <IconButton
                    icon="x"
                    size="s"
                    className="files-x"
                    label={t('common.remove')}
                    onPress={() => p.onChange(list.filter((x) => x !== id))}
                  />
                )}
              </li>
            ))}
            {sending.map((s) => (
              <OnItsWay key={s.key} s={s} />
            ))}
          </ul>
          {!p.readOnly && (
            <label className={`files-add ${full ? 'files-full' : ''}`}>
              <Icon name={image ? 'image' : 'paperclip'} />
              <span>{full ? t('form.filesFull', { n: most }) : t(addKey(image))}</span>
              <input
                {...tied}
                type="file"
                className="hidden"
                multiple={most !== 1}
                accept={p.field.accept?.join(',')}
                disabled={full}
                aria-label={p.label}
                onChange={(e: ChangeEvent<HTMLInputElement>) => {
                  send(e.target.files ?? [])
                  e.target.value = ''
                }}
              />
            </label>
          )}
          {p.readOnly && list.length === 0 && <span className="soft">{t('common.none')}</span>}
          {open && (
            <Suspense fallback={null}>
              <Preview ids={list} at={open} onMove={setOpen} onClose={() => setOpen(undefined)} />
            </Suspense>
          )}
        </div>
      )}
    </Frame>
  )
}
