import { Button, ComboBox, FieldError, Input, Label, ListBox, ListBoxItem, Popover } from 'react-aria-components'
import { t } from '../i18n/i18n.ts'
import type { Choice } from './field.tsx'
import { Icon } from './icon.tsx'

/** Combo picks one of many that are all known, by typing a part of it. */
export function Combo({
  label,
  hideLabel,
  choices,
  value,
  onChange,
  error,
  isRequired,
  autoFocus,
  size = 'm',
}: {
  label: string
  hideLabel?: boolean
  choices: Choice[]
  value: string | null
  onChange: (id: string) => void
  error?: string
  isRequired?: boolean
  autoFocus?: boolean
  size?: 's' | 'm'
}) {
  return (
    <ComboBox
      className={`field field-${size}`}
      selectedKey={value}
      onSelectionChange={(k) => k !== null && onChange(String(k))}
      defaultItems={choices}
      menuTrigger="focus"
      isInvalid={!!error}
      isRequired={isRequired}
      validationBehavior="aria"
      autoFocus={autoFocus}
    >
      <Label className={hideLabel ? 'hidden' : `field-label ${isRequired ? 'field-star' : ''}`}>{label}</Label>
      <div className="field-box">
        <Input className="input combo-input" />
        <Button className="combo-open">
          <Icon name="down" />
        </Button>
      </div>
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="pop">
        <ListBox<Choice>
          className="list"
          renderEmptyState={() => <p className="list-empty">{t('common.noResults')}</p>}
        >
          {(c) => (
            <ListBoxItem id={c.id} textValue={c.text} className="list-item">
              <span className="list-text">{c.text}</span>
              {c.note && <span className="list-note">{c.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
