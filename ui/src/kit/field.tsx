import { type ReactNode, useState } from 'react'
import {
  Select as AriaSelect,
  TextField as AriaTextField,
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
  TextArea,
  type TextFieldProps,
} from 'react-aria-components'
import { t } from '../i18n/i18n.ts'
import { Icon } from './icon.tsx'

interface Shared {
  label: string
  hint?: ReactNode
  error?: string
  hideLabel?: boolean
}

function Head({ label, required, hide }: { label: string; required?: boolean; hide?: boolean }) {
  return <Label className={hide ? 'hidden' : `field-label ${required ? 'field-star' : ''}`}>{label}</Label>
}

function Foot({ hint, error }: { hint?: ReactNode; error?: string }) {
  return (
    <>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </>
  )
}

/** TextField is a labelled text input with a hint and an error. */
export function TextField({
  label,
  hint,
  error,
  hideLabel,
  rows,
  placeholder,
  ...rest
}: Omit<TextFieldProps, 'className'> & Shared & { rows?: number; placeholder?: string }) {
  const [open, setOpen] = useState(false)
  const secret = rest.type === 'password'
  return (
    <AriaTextField
      {...rest}
      type={secret && open ? 'text' : rest.type}
      isInvalid={!!error}
      validationBehavior="aria"
      className="field"
    >
      <Head label={label} required={rest.isRequired} hide={hideLabel} />
      <div className="field-box">
        {rows ? (
          <TextArea className="input" rows={rows} placeholder={placeholder} />
        ) : (
          <Input className="input" placeholder={placeholder} />
        )}
        {secret && (
          <Button
            className="btn btn-icon btn-ghost btn-s field-eye"
            aria-label={t(open ? 'entry.hidePassword' : 'entry.showPassword')}
            onPress={() => setOpen(!open)}
          >
            <Icon name={open ? 'eye-off' : 'eye'} />
          </Button>
        )}
      </div>
      <Foot hint={hint} error={error} />
    </AriaTextField>
  )
}

export interface Choice {
  id: string
  text: string
  note?: string
  /** Heads those that follow each other with the same, where a list has heads. */
  group?: string
}

/** Select picks one of a few. For many use a ComboBox. */
export function Select({
  label,
  hint,
  error,
  hideLabel,
  choices,
  value,
  onChange,
  isDisabled,
  isRequired,
  placeholder,
  size = 'm',
}: Shared & {
  choices: Choice[]
  value: string | null
  onChange: (id: string) => void
  isDisabled?: boolean
  isRequired?: boolean
  placeholder?: string
  size?: 's' | 'm'
}) {
  return (
    <AriaSelect
      selectedKey={value}
      onSelectionChange={(k) => onChange(String(k))}
      isDisabled={isDisabled}
      isRequired={isRequired}
      isInvalid={!!error}
      validationBehavior="aria"
      className={`field field-${size}`}
      placeholder={placeholder ?? ''}
    >
      <Head label={label} required={isRequired} hide={hideLabel} />
      <Button className="input select">
        <SelectValue className="select-value" />
        <Icon name="down" />
      </Button>
      <Foot hint={hint} error={error} />
      <Popover className="pop">
        <ListBox className="list" items={choices}>
          {(c) => (
            <ListBoxItem id={c.id} textValue={c.text} className="list-item">
              <span className="list-text">{c.text}</span>
              {c.note && <span className="list-note">{c.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
