import { lazy, Suspense, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { IconButton } from '../../kit/button.tsx'
import type { WidgetProps } from './frame.tsx'
import { Plain } from './typed.tsx'

const Camera = lazy(() => import('./Camera.tsx').then((m) => ({ default: m.Camera })))

/** canScan is true where the browser can read codes from the camera. */
export const canScan = (): boolean => 'BarcodeDetector' in globalThis && !!navigator.mediaDevices?.getUserMedia

/** ScanButton reads a code with the camera, where the browser can. */
export function ScanButton({ onCode, small }: { onCode: (code: string) => void; small?: boolean }) {
  const [open, setOpen] = useState(false)
  if (!canScan()) return null
  return (
    <>
      <IconButton icon="scan" size={small ? 's' : 'm'} label={t('form.scan')} onPress={() => setOpen(true)} />
      {open && (
        <Suspense fallback={null}>
          <Camera
            onClose={() => setOpen(false)}
            onCode={(code) => {
              setOpen(false)
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
