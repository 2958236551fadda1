import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import type { WidgetProps } from './frame.tsx'
import { asOption, optionsQuery } from './options.ts'

/** useFound asks for the options while the list is open. */
export function useFound(p: WidgetProps) {
  const [query, setQuery] = useState<string>()
  const [stamp, setStamp] = useState(0)
  const search = useDeferredValue((query ?? '').trim())
  const { data, error } = useQuery({ ...optionsQuery(p, search, stamp), enabled: query !== undefined })
  const answered = error || (data && data.search === search) ? search : '\u0000'
  return {
    query,
    answered: answered === (query ?? '').trim() ? (query ?? '') : '\u0000',
    options: (data?.options ?? []).map((o) => asOption(p.field, o)),
    more: data?.more ?? false,
    ask: (q: string | undefined) => {
      if (query === undefined && q !== undefined) setStamp(Date.now()) // the record may stand differently by now
      setQuery(q)
    },
  }
}

/** Foot says that there is more than is shown. */
export function Foot({ more }: { more: boolean }) {
  return more ? <p className="combo-more">{t('form.moreResults')}</p> : null
}
