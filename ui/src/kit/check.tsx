import type { InputHTMLAttributes, ReactNode } from 'react'
import { Icon } from './icon.tsx'

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'checked' | 'children' | 'disabled' | 'onChange' | 'type'>

export interface CheckProps extends Native {
  children?: ReactNode
  isSelected?: boolean
  isDisabled?: boolean
  onChange?: (on: boolean) => void
}

interface Inner extends CheckProps {
  look: 'check' | 'switch'
  some?: boolean
  mark: ReactNode
}

function Box({ look, isSelected = false, isDisabled, onChange, some = false, mark, children, ...rest }: Inner) {
  return (
    <label
      className={look}
      data-selected={isSelected || undefined}
      data-indeterminate={some || undefined}
      data-disabled={isDisabled || undefined}
    >
      <input
        {...rest}
        ref={(el) => {
          if (el) el.indeterminate = some
        }}
        type="checkbox"
        className="hidden"
        checked={isSelected}
        disabled={isDisabled}
        onChange={(e) => onChange?.(e.target.checked)}
      />
      {mark}
      {children}
    </label>
  )
}

/** Checkbox is one of several that may be chosen. */
export function Checkbox({ isIndeterminate, ...rest }: CheckProps & { isIndeterminate?: boolean }) {
  const mark = (
    <span className="check-box" aria-hidden>
      {isIndeterminate ? <span className="check-dash" /> : <Icon name="check" size={12} />}
    </span>
  )
  return <Box {...rest} look="check" some={isIndeterminate} mark={mark} />
}

const track = (
  <span className="switch-track" aria-hidden>
    <span className="switch-knob" />
  </span>
)

/** Switch turns something on or off, at once. */
export function Switch(p: CheckProps) {
  return <Box role="switch" {...p} look="switch" mark={track} />
}
