import { useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { readPicture } from './barcode.ts'

interface Detector {
  detect: (v: HTMLVideoElement) => Promise<{ rawValue: string }[]>
}

const pause = 120 // milliseconds between two looks
const again = 2000 // before the same code counts once more
const widest = 800 // pixels that are looked at

/** looker reads a code from what a camera sees: with what the browser has, which knows more kinds, or with our own. */
function looker(): (video: HTMLVideoElement) => Promise<string | undefined> {
  const { BarcodeDetector: Made } = globalThis as unknown as { BarcodeDetector?: new () => Detector }
  let native = Made && new Made()
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (video) => {
    if (native) {
      try {
        return (await native.detect(video))[0]?.rawValue
      } catch {
        native = undefined // it is there, and has nothing to work with
      }
    }
    const scale = Math.min(1, widest / video.videoWidth)
    canvas.width = Math.round(video.videoWidth * scale)
    canvas.height = Math.round(video.videoHeight * scale)
    if (!context || canvas.width === 0 || canvas.height === 0) return undefined
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    return readPicture(context.getImageData(0, 0, canvas.width, canvas.height))
  }
}

/** useCodes hands over the codes that the camera sees, until its component is gone; true once there is no camera to see with. */
function useCodes(video: React.RefObject<HTMLVideoElement | null>, onCode: (code: string) => void): boolean {
  const [failed, setFailed] = useState(!navigator.mediaDevices)
  const found = useRef(onCode)
  useEffect(() => {
    found.current = onCode
  })
  useEffect(() => {
    if (!navigator.mediaDevices) return // an insecure address
    let over = false
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout>
    let last = { code: '', at: 0 }
    const read = looker()
    const look = async (): Promise<void> => {
      const el = video.current
      const code = el && el.readyState >= el.HAVE_CURRENT_DATA ? await read(el).catch(() => undefined) : undefined
      if (over) return
      const now = Date.now()
      if (code && (code !== last.code || now - last.at > again)) {
        navigator.vibrate?.(60)
        found.current(code)
      }
      if (code) last = { code, at: now } // as long as it is in sight it is the same
      timer = setTimeout(() => void look(), pause)
    }
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } })
      .then(async (s) => {
        stream = s
        if (over || !video.current) {
          for (const track of s.getTracks()) track.stop()
          return
        }
        video.current.srcObject = s
        await video.current.play()
        void look()
      })
      .catch(() => setFailed(true))
    return () => {
      over = true
      clearTimeout(timer)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [video])
  return failed
}

/** Camera reads codes from what the camera sees; where it may not be used, it says why, and a code is typed. */
export function Camera({
  onCode,
  onClose,
  said,
}: {
  onCode: (code: string) => void
  onClose: () => void
  /** What the last code was, where one code after another is read. */
  said?: string
}) {
  const video = useRef<HTMLVideoElement>(null)
  const [typed, setTyped] = useState('')
  const failed = useCodes(video, onCode)
  return (
    <Dialog title={t('form.scan')} open onClose={onClose}>
      {failed ? (
        <form
          className="stack"
          onSubmit={(e) => {
            e.preventDefault()
            if (!typed.trim()) return
            onCode(typed.trim())
            setTyped('')
          }}
        >
          <p className="note-box warn">{t(window.isSecureContext ? 'form.noCamera' : 'form.cameraInsecure')}</p>
          <label className="field">
            <span className="field-label">{t('form.typeCode')}</span>
            <input
              className="input"
              autoFocus
              enterKeyHint="done"
              value={typed}
              onChange={(e) => setTyped(e.target.value)}
            />
          </label>
          <Button type="submit" look="primary" isDisabled={!typed.trim()}>
            {t('common.ok')}
          </Button>
        </form>
      ) : (
        <>
          <video ref={video} className="camera" muted playsInline />
          <p className="soft">{t('form.scanHint')}</p>
        </>
      )}
      {said !== undefined && (
        <p className="camera-said" role="status">
          {said}
        </p>
      )}
    </Dialog>
  )
}
