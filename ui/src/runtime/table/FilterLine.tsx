import { t } from '../../i18n/i18n.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import type { AppMeta, ViewMeta } from '../../meta/types.ts'
import { sentence, useNames } from '../filter/sentence.ts'
import type { TableState } from './state.ts'

interface Props {
  app: string
  meta: AppMeta
  view: ViewMeta
  state: TableState
  change: (s: Partial<TableState>) => void
  open: () => void
}

/** FilterLine says by what the table is narrowed, in words, with a way to take it off. */
export function FilterLine({ meta, view, state, change, open }: Props) {
  const names = useNames(meta, view.entity, state.filter)
  if (state.bin)
    return (
      <p className="tv-line tv-line-bin">
        <Icon name="delete" />
        <span className="grow">{t('table.binNote')}</span>
        <Button size="s" onPress={() => change({ bin: false })}>
          {t('table.leaveBin')}
        </Button>
      </p>
    )
  if (!state.filter) return null
  return (
    <p className="tv-line">
      <Icon name="filter" size={14} />
      <button type="button" className="tv-sentence" onClick={open}>
        <span className="soft">{t('table.filtered')}</span> {sentence(meta, view.entity, state.filter, names)}
      </button>
      <IconButton size="s" icon="x" label={t('table.clearFilter')} onPress={() => change({ filter: '' })} />
    </p>
  )
}
