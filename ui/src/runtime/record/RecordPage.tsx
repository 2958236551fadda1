import { Page } from '../../kit/page.tsx'

/** RecordPage shows one record. */
export function RecordPage() {
  return <Page title="">{null}</Page>
}
