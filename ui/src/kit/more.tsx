import { t } from '../i18n/i18n.ts'
import { Button } from './button.tsx'

interface Pages {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

/** More asks for the next page of a list, as long as there is one. */
export function More({ of, className }: { of: Pages; className: string }) {
  if (!of.hasNextPage) return null
  return (
    <p className={className}>
      <Button isDisabled={of.isFetchingNextPage} onPress={() => void of.fetchNextPage()}>
        {t('home.loadMore')}
      </Button>
    </p>
  )
}
