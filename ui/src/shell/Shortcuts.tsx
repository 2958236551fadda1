import { t } from '../i18n/i18n.ts'
import { Dialog } from '../kit/dialog.tsx'
import { keyText, useAllCommands } from './commands.ts'

/** Shortcuts lists what the keyboard does on the screen that is open. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const commands = useAllCommands().filter((c) => c.keys)
  return (
    <Dialog title={t('shell.shortcuts')} open onClose={onClose}>
      <table className="grid-table">
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
