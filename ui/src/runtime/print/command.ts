import { useMemo, useRef } from 'react'
import { t } from '../../i18n/i18n.ts'
import { type Command, useCommands } from '../../shell/commands.ts'

/** usePrintCommand offers printing by the keys that people know: with a view of the paper instead of the screen's. */
export function usePrintCommand(act: () => void): void {
  const latest = useRef(act)
  latest.current = act
  useCommands(
    useMemo<Command[]>(
      () => [{ id: 'print', text: t('print.print'), icon: 'print', keys: 'mod+p', act: () => latest.current() }],
      [],
    ),
  )
}
