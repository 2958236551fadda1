import { Page } from '../../kit/page.tsx'

/** NewPage shows one record. */
export function NewPage() {
  return <Page title="">{null}</Page>
}
