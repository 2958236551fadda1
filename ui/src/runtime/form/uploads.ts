import { useEffect, useRef, useState } from 'react'
import { problemOf } from '../../api/problem.ts'
import { queries } from '../../api/query.ts'
import { bytes } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import type { FieldMeta } from '../../meta/types.ts'
import { type Stored, storedQuery, track, upload } from './upload.ts'

/** A file on its way, or one that didn't get through, and why. */
export interface Sending {
  key: number
  name: string
  /** How much of it has been sent, from 0 to 1; undefined while it waits for its turn. */
  share?: number
  error?: string
  /** Sends it again, where that may help. */
  again?: () => void
  /** Stops sending, or takes the refusal off. */
  stop: () => void
}

const atOnce = 3
let nextKey = 1

/** shownName is a file's name without what can't be seen and turns the direction of what can. */
export const shownName = (name: string): string => name.replace(/[\p{Cc}\p{Cf}]/gu, '')

/** refusal says why a file isn't sent: it is too big, of a wrong kind. */
export function refusal(field: FieldMeta, file: Pick<File, 'name' | 'size' | 'type'>): string | undefined {
  const name = shownName(file.name)
  if (field.max_bytes && file.size > field.max_bytes)
    return t('form.fileTooBig', { name, most: bytes(field.max_bytes) })
  if (field.accept && file.type && !field.accept.includes(file.type)) return t('form.notPicture', { name })
  return undefined
}

/** folders are what was dropped and is no file: a browser gives them as empty files that can't be read. */
function folders(items: DataTransferItemList | undefined): Set<string> {
  const out = new Set<string>()
  for (const item of items ?? []) {
    const entry = item.webkitGetAsEntry?.()
    if (entry?.isDirectory) out.add(entry.name)
  }
  return out
}

interface Job {
  key: number
  file: File
  stop: AbortController
}

/** useUploads sends the files of a field, few at once, and adds those that have got through. */
export function useUploads(field: FieldMeta, list: string[], onChange: (next: string[]) => void) {
  const [sending, setSending] = useState<Sending[]>([])
  const now = useRef({ list, onChange })
  const waiting = useRef<Job[]>([])
  const running = useRef(0)
  useEffect(() => {
    now.current = { list, onChange }
  })
  const patch = (key: number, change: Partial<Sending> | undefined): void =>
    setSending((old) => old.flatMap((s) => (s.key !== key ? [s] : change ? [{ ...s, ...change }] : [])))
  const refuse = (job: Job, error: string, again?: () => void): void =>
    patch(job.key, { error, again, stop: () => patch(job.key, undefined) })

  const add = (stored: Stored): void => {
    queries.setQueryData(storedQuery(stored.id).queryKey, stored)
    const next = [...now.current.list, stored.id]
    now.current = { ...now.current, list: next } // two may come before the next render
    now.current.onChange(next)
  }
  const arrived = (job: Job, stored: Stored): boolean => {
    if (field.accept && !field.accept.includes(stored.type)) {
      refuse(job, t('form.notPicture', { name: shownName(job.file.name) }))
      return false
    }
    patch(job.key, undefined)
    add(stored)
    return true
  }
  const failed = (job: Job, e: unknown): boolean => {
    if (e instanceof DOMException) {
      patch(job.key, undefined) // stopped by hand
      return true
    }
    const p = problemOf(e)
    const said = p.offline ? t('form.uploadCut') : (p.errors[0]?.message ?? (p.detail || t('form.uploadFailed')))
    const may = p.offline || p.status === 429 || p.status >= 500
    refuse(job, said, may ? () => start([{ ...job, stop: new AbortController() }]) : undefined)
    return false
  }
  const next = (): void => {
    while (running.current < atOnce && waiting.current.length > 0) {
      const job = waiting.current.shift()!
      running.current++
      patch(job.key, { share: 0 })
      track(
        upload(job.file, (share) => patch(job.key, { share }), job.stop.signal)
          .then(
            (stored) => arrived(job, stored),
            (e: unknown) => failed(job, e),
          )
          .finally(() => {
            running.current--
            next()
          }),
      )
    }
  }
  const stop = (job: Job): void => {
    job.stop.abort()
    if (!waiting.current.includes(job)) return
    waiting.current = waiting.current.filter((x) => x !== job)
    patch(job.key, undefined)
  }
  const start = (jobs: Job[]): void => {
    for (const job of jobs)
      patch(job.key, { share: undefined, error: undefined, again: undefined, stop: () => stop(job) })
    waiting.current.push(...jobs)
    next()
  }

  /** send sends files, and says of those that can't be sent why. */
  const send = (files: Iterable<File>, items?: DataTransferItemList): void => {
    const dirs = folders(items)
    const jobs: Job[] = []
    const told: Sending[] = []
    const most = field.max_length ?? 0
    const room = most > 0 ? most - now.current.list.length - sending.filter((s) => !s.error).length : Infinity
    for (const file of files) {
      const key = nextKey++
      const name = shownName(file.name)
      const late = jobs.length >= room ? t('form.fileOver', { name, n: most }) : undefined
      const error = dirs.has(file.name) ? t('form.notFolder', { name }) : (refusal(field, file) ?? late)
      told.push({ key, name, error, stop: () => patch(key, undefined) })
      if (!error) jobs.push({ key, file, stop: new AbortController() })
    }
    setSending((old) => [...old, ...told])
    start(jobs)
  }
  return { sending, send }
}
