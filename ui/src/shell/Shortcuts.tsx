import { t } from '../i18n/i18n.ts'
import { Dialog } from '../kit/dialog.tsx'
import { keyText, useAllCommands } from './commands.ts'

/** Shortcuts lists what the keyboard does on the screen that is open. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const seen = new Set<string>()
  // What was offered last wins a key, as it does on the keyboard.
  const commands = useAllCommands()
    .toReversed()
    .filter((c) => c.keys && !seen.has(c.keys) && seen.add(c.keys))
  return (
    <Dialog title={t('shell.shortcuts')} open onClose={onClose}>
      <table className="grid-table">
        <thead className="hidden">
          <tr>
            <th scope="col">{t('common.actions')}</th>
            <th scope="col">{t('shell.shortcuts')}</th>
          </tr>
        </thead>
        <tbody>
          {commands.map((c) => (
            <tr key={c.id}>
              <th scope="row">{c.text}</th>
              <td className="num">
                <kbd>{keyText(c.keys!)}</kbd>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  )
}
