import { lazy, Suspense, useEffect, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import type { WidgetProps } from './frame.tsx'
import { Plain } from './typed.tsx'

const Camera = lazy(() => import('./Camera.tsx').then((m) => ({ default: m.Camera })))

let cameras: Promise<boolean> | undefined
const hasCamera = (): Promise<boolean> => {
  cameras ??= (navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([])).then(
    (list) => list.some((d) => d.kind === 'videoinput'),
    () => false,
  )
  return cameras
}

/** useCanScan is true where there is a camera. What is touched has one: where it can't be used, that is said. */
function useCanScan(): boolean {
  const [may, setMay] = useState(() => window.matchMedia('(pointer: coarse)').matches)
  useEffect(() => {
    if (!may) void hasCamera().then(setMay)
  }, [may])
  return may
}

/** ScanButton reads a code with the camera, or one after another where what each of them was is said. */
export function ScanButton({
  onCode,
  small,
  said,
}: {
  onCode: (code: string) => void
  small?: boolean
  said?: string
}) {
  const [open, setOpen] = useState(false)
  if (!useCanScan()) return null
  return (
    <>
      <IconButton icon="scan" size={small ? 's' : 'm'} label={t('form.scan')} onPress={() => setOpen(true)} />
      {open && (
        <Suspense fallback={null}>
          <Camera
            said={said}
            onClose={() => setOpen(false)}
            onCode={(code) => {
              if (said === undefined) setOpen(false)
              onCode(code)
            }}
          />
        </Suspense>
      )}
    </>
  )
}

/** CodeWidget is a barcode: a scanner types it and presses Enter, the camera reads it. */
export function CodeWidget(p: WidgetProps) {
  return (
    <Plain
      p={p}
      input={{ inputMode: 'text', spellCheck: false }}
      after={
        p.readOnly ? undefined : (
          <span className="w-after">
            <ScanButton
              small
              onCode={(code) => {
                p.onChange(code)
                p.onCommit?.()
              }}
            />
          </span>
        )
      }
    />
  )
}
