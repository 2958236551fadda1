import { useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'

interface Detector {
  detect: (v: HTMLVideoElement) => Promise<{ rawValue: string }[]>
}

const pause = 160

/** Camera reads a code from what the camera sees; where it may not be used, the code is typed. */
export function Camera({ onCode, onClose }: { onCode: (code: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null)
  const [failed, setFailed] = useState(false)
  const [typed, setTyped] = useState('')
  const found = useRef(onCode)
  useEffect(() => {
    found.current = onCode
  })
  useEffect(() => {
    let over = false
    let stream: MediaStream | undefined
    let again: ReturnType<typeof setTimeout>
    const Made = (globalThis as unknown as { BarcodeDetector: new () => Detector }).BarcodeDetector
    const detector = new Made()
    const look = async (): Promise<void> => {
      if (over || !video.current) return
      const [code] = await detector.detect(video.current).catch(() => [])
      if (over) return
      if (code?.rawValue) {
        over = true
        navigator.vibrate?.(60)
        found.current(code.rawValue)
        return
      }
      again = setTimeout(() => void look(), pause)
    }
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } })
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
      clearTimeout(again)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [])
  return (
    <Dialog title={t('form.scan')} open onClose={onClose}>
      {failed ? (
        <form
          className="stack"
          onSubmit={(e) => {
            e.preventDefault()
            if (typed.trim()) onCode(typed.trim())
          }}
        >
          <p className="note-box warn">{t('form.noCamera')}</p>
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
    </Dialog>
  )
}
