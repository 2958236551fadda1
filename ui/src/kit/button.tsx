import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { Icon } from './icon.tsx'
import { Tip } from './tip.tsx'

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children' | 'disabled' | 'onClick' | 'style'>

export interface ButtonProps extends Native {
  children?: ReactNode
  look?: 'plain' | 'primary' | 'ghost' | 'danger'
  size?: 's' | 'm' | 'l'
  icon?: string
  isDisabled?: boolean
  /** True where the Tab key passes it by: there is another way by keyboard. */
  excludeFromTabOrder?: boolean
  onPress?: () => void
  ref?: Ref<HTMLButtonElement>
}

type Bare = Omit<ButtonProps, 'look' | 'size' | 'icon'>

function Bare({ isDisabled, excludeFromTabOrder, onPress, ...rest }: Bare) {
  return (
    <button
      type="button"
      {...rest}
      disabled={isDisabled}
      tabIndex={excludeFromTabOrder ? -1 : rest.tabIndex}
      onClick={(e) => {
        e.currentTarget.focus({ preventScroll: true }) // Safari doesn't, and dialogs give the focus back to where it was
        onPress?.()
      }}
    />
  )
}

/** Button does something. One primary button a screen. */
export function Button({ children, look = 'plain', size = 'm', icon, className, ...rest }: ButtonProps) {
  return (
    <Bare {...rest} className={`btn btn-${look} btn-${size} ${className ?? ''}`}>
      {icon && <Icon name={icon} size={size === 's' ? 14 : 16} />}
      {children}
    </Bare>
  )
}

/** IconButton is a button whose text is only heard, and shown as a tip. */
export function IconButton({
  label,
  icon,
  look = 'ghost',
  size = 'm',
  className,
  ...rest
}: Omit<ButtonProps, 'children'> & { label: string; icon: string }) {
  return (
    <Tip text={label}>
      <Bare {...rest} aria-label={label} className={`btn btn-icon btn-${look} btn-${size} ${className ?? ''}`}>
        <Icon name={icon} size={size === 's' ? 14 : 18} />
      </Bare>
    </Tip>
  )
}
