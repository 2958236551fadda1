import { useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import type { ViewMeta } from '../../meta/types.ts'
import { FilterBuilder } from '../filter/FilterBuilder.tsx'
import type { TableState } from './state.ts'

interface Props {
  app: string
  view: ViewMeta
  state: TableState
  change: (s: Partial<TableState>) => void
  onClose: () => void
}

/** FilterSheet makes the condition that narrows the table. */
export function FilterSheet({ app, view, state, change, onClose }: Props) {
  const [filter, setFilter] = useState(state.filter)
  const apply = (next: string): void => {
    change({ filter: next })
    onClose()
  }
  return (
    <Dialog
      title={t('table.filterTitle')}
      open
      look="side"
      onClose={onClose}
      foot={
        <>
          <Button onPress={() => apply('')}>{t('common.clear')}</Button>
          <Button look="primary" onPress={() => apply(filter)}>
            {t('table.apply')}
          </Button>
        </>
      }
    >
      <FilterBuilder app={app} entity={view.entity} value={filter} onChange={setFilter} />
    </Dialog>
  )
}
