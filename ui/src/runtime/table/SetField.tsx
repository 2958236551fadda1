import { useState } from 'react'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/field.tsx'
import type { Display } from '../../meta/record.ts'
import { Widget } from '../form/Widget.tsx'
import type { Column } from './columns.ts'

interface Props {
  app: string
  entity: string
  columns: Column[]
  count: number
  onSet: (field: string, value: unknown) => void
  onClose: () => void
}

/** SetField gives all ticked records the same value of a field. */
export function SetField({ app, entity, columns, count, onSet, onClose }: Props) {
  const able = columns.filter((c) => c.edit)
  const [path, setPath] = useState(able[0]?.path ?? '')
  const [value, setValue] = useState<unknown>(null)
  const [display, setDisplay] = useState<Display>({})
  const column = able.find((c) => c.path === path)
  return (
    <Dialog
      title={t('table.bulkSetTitle', { n: count })}
      open
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" isDisabled={!column} onPress={() => column?.edit && onSet(column.edit.name, value)}>
            {t('table.apply')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Select
          label={t('table.bulkField')}
          choices={able.map((c) => ({ id: c.path, text: label(c.title) }))}
          value={path}
          onChange={(p) => {
            setPath(p)
            setValue(null)
          }}
        />
        {column?.edit && (
          <Widget
            key={path}
            app={app}
            entity={entity}
            field={column.edit}
            value={value}
            onChange={setValue}
            label={t('table.bulkValue')}
            display={display}
            onDisplay={(d) => setDisplay((old) => ({ ...old, ...d }))}
            currency={column.currency}
          />
        )}
      </div>
    </Dialog>
  )
}
