import { useQuery } from '@tanstack/react-query'
import {
  type ChangeEvent,
  type ClipboardEvent,
  type DragEvent,
  lazy,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react'
import { problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { bytes, percent } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Frame, type WidgetProps } from './frame.tsx'
import { fileAddress, storedQuery, upload } from './upload.ts'

const Preview = lazy(() => import('./Preview.tsx').then((m) => ({ default: m.Preview })))

interface Sending {
  key: number
  name: string
  share: number
  error?: string
  stop: () => void
}

let nextKey = 1

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

/** FilesWidget holds files or pictures: chosen, dropped or pasted. */
export function FilesWidget(p: WidgetProps) {
  const image = p.field.kind === 'image'
  const list = (p.value as string[] | null) ?? []
  const most = p.field.max_length ?? 0
  const [sending, setSending] = useState<Sending[]>([])
  const [over, setOver] = useState(false)
  const [open, setOpen] = useState<string>()
  const box = useRef<HTMLInputElement>(null)
  const latest = useRef(list)
  useEffect(() => {
    latest.current = list
  })
  const patch = (key: number, change: Partial<Sending> | undefined): void =>
    setSending((old) => old.flatMap((s) => (s.key !== key ? [s] : change ? [{ ...s, ...change }] : [])))

  const send = (files: Iterable<File>): void => {
    for (const file of files) {
      const key = nextKey++
      const stop = new AbortController()
      setSending((old) => [...old, { key, name: file.name, share: 0, stop: () => stop.abort() }])
      upload(file, (share) => patch(key, { share }), stop.signal).then(
        (stored) => {
          queries.setQueryData(storedQuery(stored.id).queryKey, stored)
          patch(key, undefined)
          latest.current = [...latest.current, stored.id]
          p.onChange(latest.current)
        },
        (e: unknown) => {
          if (e instanceof DOMException) return patch(key, undefined)
          const problem = problemOf(e)
          patch(key, { error: problem.errors[0]?.message ?? (problem.detail || t('form.uploadFailed')) })
        },
      )
    }
  }
  const full = most > 0 && list.length + sending.length >= most
  const may = !p.readOnly && !full
  const drop = (e: DragEvent): void => {
    e.preventDefault()
    setOver(false)
    if (may) send(e.dataTransfer.files)
  }
  const paste = (e: ClipboardEvent): void => {
    if (!may || e.clipboardData.files.length === 0) return
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
            setOver(may)
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
              <li key={s.key} className="files-item files-sending">
                <span className="file-text" dir="auto">
                  {s.name}
                </span>
                {s.error ? (
                  <span className="field-error">{s.error}</span>
                ) : (
                  <span
                    role="progressbar"
                    aria-label={s.name}
                    aria-valuenow={Math.round(s.share * 100)}
                    className="files-bar"
                  >
                    <span style={{ width: `${s.share * 100}%` }} />
                    <span className="hidden">{percent(s.share.toFixed(2))}</span>
                  </span>
                )}
                <IconButton
                  icon="x"
                  size="s"
                  label={t('common.cancel')}
                  onPress={() => (s.error ? patch(s.key, undefined) : s.stop())}
                />
              </li>
            ))}
          </ul>
          {!p.readOnly && (
            <label className={`files-add ${full ? 'files-full' : ''}`}>
              <Icon name={image ? 'image' : 'paperclip'} />
              <span>{full ? t('form.filesFull', { n: most }) : t(image ? 'form.addImage' : 'form.addFile')}</span>
              <input
                {...tied}
                ref={box}
                type="file"
                className="hidden"
                multiple={most !== 1}
                accept={image ? 'image/*' : undefined}
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
