import { label } from '../../i18n/i18n.ts'
import { Page } from '../../kit/page.tsx'
import type { ScreenProps } from '../screens.ts'

/** TableScreen shows records as a table. */
export function TableScreen({ view }: ScreenProps) {
  return (
    <Page title={label(view.title)} wide>
      {null}
    </Page>
  )
}
