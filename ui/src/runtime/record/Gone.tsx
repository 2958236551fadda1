import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { Problem } from '../../api/problem.ts'
import { listRecords, verbPath } from '../../api/records.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Failed, Skeleton, State } from '../../kit/state.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import type { EntityMeta } from '../../meta/types.ts'

/** Gone is shown where a record isn't: it can be brought back if it was deleted and the person may. */
export function Gone({ app, entity, id, back }: { app: string; entity: EntityMeta; id: string; back: () => unknown }) {
  const { data, isLoading } = useQuery({
    queryKey: ['record', app, entity.name, id, 'deleted'],
    queryFn: ({ signal }) =>
      listRecords(app, entity.name, { deleted: true, filter: `id == ${JSON.stringify(id)}`, page_size: 1 }, signal),
    enabled: entity.actions.includes('delete'),
    retry: false,
  })
  if (isLoading) return <Skeleton />
  const found = data?.records[0]
  if (!found) return <Failed alone error={new Problem(404, {})} />
  const restore = (): void =>
    void call('POST', verbPath(app, entity.name, 'restore', id)).then(() => back(), toastProblem)
  const name = String((entity.display && found[entity.display]) || label(entity.title))
  return (
    <State icon="delete" title={t('record.goneTitle', { what: name })} text={t('record.goneText')}>
      <Button look="primary" icon="restore" onPress={restore}>
        {t('record.restore')}
      </Button>
    </State>
  )
}
