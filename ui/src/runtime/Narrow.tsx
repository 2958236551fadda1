import { lazy, Suspense, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Skeleton } from '../kit/state.tsx'
import type { AppMeta } from '../meta/types.ts'
import { sentence, useNames } from './filter/sentence.ts'

const FilterBuilder = lazy(() => import('./filter/FilterBuilder.tsx').then((m) => ({ default: m.FilterBuilder })))

interface Props {
  app: string
  meta: AppMeta
  entity: string
  /** CEL, '' for no condition. */
  value: string
  onChange: (cel: string | undefined) => void
}

function Sheet({ app, entity, value, onChange, onClose }: Omit<Props, 'meta'> & { onClose: () => void }) {
  const [draft, setDraft] = useState(value)
  const apply = (next: string): void => {
    onChange(next || undefined)
    onClose()
  }
  return (
    <Dialog
      title={t('board.filter')}
      open
      look="side"
      onClose={onClose}
      foot={
        <>
          <Button onPress={() => apply('')}>{t('common.clear')}</Button>
          <Button look="primary" onPress={() => apply(draft)}>
            {t('board.apply')}
          </Button>
        </>
      }
    >
      <Suspense fallback={<Skeleton rows={3} />}>
        <FilterBuilder app={app} entity={entity} value={draft} onChange={setDraft} />
      </Suspense>
    </Dialog>
  )
}

/** Narrow offers a condition, and says in words which one holds. */
export function Narrow(p: Props) {
  const [open, setOpen] = useState(false)
  const names = useNames(p.meta, p.entity, p.value)
  return (
    <>
      {p.value ? (
        <span className="narrow">
          <button type="button" className="narrow-words" onClick={() => setOpen(true)}>
            <Icon name="filter" size={14} />
            <span className="narrow-text">{sentence(p.meta, p.entity, p.value, names)}</span>
          </button>
          <IconButton size="s" icon="x" label={t('board.clearFilter')} onPress={() => p.onChange(undefined)} />
        </span>
      ) : (
        <Button icon="filter" onPress={() => setOpen(true)}>
          {t('board.filter')}
        </Button>
      )}
      {open && <Sheet {...p} onClose={() => setOpen(false)} />}
    </>
  )
}
