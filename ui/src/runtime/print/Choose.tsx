import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/check.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import type { Part } from './paper.ts'
import type { Wish } from './wish.ts'

/** Choose lets somebody say what is on paper. */
export function Choose({
  parts,
  wish,
  onWish,
  onClose,
}: {
  parts: Part[]
  wish: Wish
  onWish: (w: Wish | undefined) => void
  onClose: () => void
}) {
  const groups = new Map<string, Part[]>()
  for (const p of parts) {
    const title = p.of ? t('print.columnsOf', { lines: label(p.of.title, p.of.name) }) : t('print.fields')
    groups.set(title, [...(groups.get(title) ?? []), p])
  }
  const on = (p: Part): boolean => wish.shown[p.path] ?? p.usual
  const set = (p: Part, shown: boolean): void => {
    const rest = Object.fromEntries(Object.entries(wish.shown).filter(([path]) => path !== p.path))
    onWish({ ...wish, shown: shown === p.usual ? rest : { ...rest, [p.path]: shown } })
  }
  return (
    <Dialog
      title={t('print.choose')}
      look="side"
      open
      onClose={onClose}
      foot={
        <>
          <Button isDisabled={Object.keys(wish.shown).length === 0} onPress={() => onWish({ ...wish, shown: {} })}>
            {t('print.usual')}
          </Button>
          <Button look="primary" onPress={onClose}>
            {t('common.done')}
          </Button>
        </>
      }
    >
      <p className="soft print-hint">{t('print.chooseHint')}</p>
      {[...groups].map(([title, list]) => (
        <fieldset key={title} className="print-group">
          <legend>{title}</legend>
          {list.map((p) => (
            <Checkbox key={p.path} isSelected={on(p)} onChange={(v) => set(p, v)}>
              {p.title}
            </Checkbox>
          ))}
        </fieldset>
      ))}
    </Dialog>
  )
}
