import { type Key, t } from '../i18n/i18n.ts'
import { Dialog } from '../kit/dialog.tsx'
import { type KeyPlace, keyPlaces, keyText, useAllCommands } from './commands.ts'

type Row = [keys: string[], text: string]

const arrows = ['↑', '↓', '←', '→']

/** What works in each part of a screen; the part itself does it. */
const maps: Record<KeyPlace, [keys: string[], text: Key][]> = {
  table: [
    [arrows, 'keys.walk'],
    [['mod+Home', 'mod+End'], 'keys.ends'],
    [['shift+↓', 'shift+→'], 'keys.range'],
    [['enter', 'F2'], 'keys.edit'],
    [['mod+enter'], 'keys.open'],
    [['keys.space'], 'keys.peek'],
    [['shift+keys.space'], 'keys.tick'],
    [['mod+a'], 'keys.tickAll'],
    [['mod+c', 'mod+v'], 'keys.copy'],
    [['Delete'], 'keys.empty'],
    [['alt+←', 'alt+→'], 'keys.widen'],
  ],
  form: [
    [['enter', 'Tab'], 'keys.next'],
    [['shift+Tab'], 'keys.back'],
    [['escape'], 'keys.undoTyping'],
  ],
  lines: [
    [['↑', '↓'], 'keys.lineWalk'],
    [['mod+enter'], 'keys.lineNew'],
    [['mod+d'], 'keys.lineCopy'],
    [['mod+Delete'], 'keys.lineRemove'],
    [['mod+shift+↑', 'mod+shift+↓'], 'keys.lineMove'],
    [['mod+v'], 'keys.linePaste'],
  ],
  board: [
    [arrows, 'keys.cardWalk'],
    [['enter'], 'keys.cardOpen'],
    [['keys.space'], 'keys.cardLift'],
    [['escape'], 'keys.cardBack'],
  ],
  calendar: [
    [arrows, 'keys.dayWalk'],
    [['enter'], 'keys.dayOpen'],
    [['keys.space'], 'keys.cardLift'],
    [['escape'], 'keys.cardBack'],
  ],
}

const isText = (part: string): part is Key => part.startsWith('keys.')

/** written is a shortcut in the words of the keyboard and of the language. */
const written = (keys: string): string =>
  keyText(
    keys
      .split('+')
      .map((k) => (isText(k) ? t(k) : k))
      .join('+'),
  )

function KeyTable({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <table className="grid-table key-map">
      <caption>{title}</caption>
      <thead className="hidden">
        <tr>
          <th scope="col">{t('common.actions')}</th>
          <th scope="col">{t('shell.shortcuts')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([keys, text]) => (
          <tr key={text}>
            <th scope="row">{text}</th>
            <td>
              {keys.map((k) => (
                <kbd key={k}>{written(k)}</kbd>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Shortcuts lists what the keyboard does on the screen that is open. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const seen = new Set<string>()
  // What was offered last wins a key, as it does on the keyboard.
  const commands = useAllCommands()
    .toReversed()
    .filter((c) => c.keys && !seen.has(c.keys) && seen.add(c.keys))
  return (
    <Dialog title={t('shell.shortcuts')} open onClose={onClose}>
      {keyPlaces().map((place) => (
        <KeyTable key={place} title={t(`keys.${place}`)} rows={maps[place].map(([keys, text]) => [keys, t(text)])} />
      ))}
      <KeyTable title={t('keys.everywhere')} rows={commands.map((c) => [[c.keys!], c.text])} />
    </Dialog>
  )
}
