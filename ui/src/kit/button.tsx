import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components'
import { Icon } from './icon.tsx'
import { Tip } from './tip.tsx'

export interface ButtonProps extends Omit<AriaProps, 'children' | 'className' | 'style'> {
  children?: ReactNode
  look?: 'plain' | 'primary' | 'ghost' | 'danger'
  size?: 's' | 'm' | 'l'
  icon?: string
  className?: string
}

/** Button does something. One primary button a screen. */
export function Button({ children, look = 'plain', size = 'm', icon, className, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`btn btn-${look} btn-${size} ${className ?? ''}`}>
      {icon && <Icon name={icon} size={size === 's' ? 14 : 16} />}
      {children}
    </AriaButton>
  )
}

/** IconButton is a button whose text is only heard, and shown as a tip. */
export function IconButton({
  label,
  icon,
  look = 'ghost',
  ...rest
}: Omit<ButtonProps, 'children'> & { label: string; icon: string }) {
  return (
    <Tip text={label}>
      <AriaButton
        {...rest}
        aria-label={label}
        className={`btn btn-icon btn-${look} btn-${rest.size ?? 'm'} ${rest.className ?? ''}`}
      >
        <Icon name={icon} size={rest.size === 's' ? 14 : 18} />
      </AriaButton>
    </Tip>
  )
}
