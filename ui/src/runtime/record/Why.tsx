import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import { t } from '../../i18n/i18n.ts'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/field.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import type { EntityMeta } from '../../meta/types.ts'

const actions = ['read', 'update', 'delete', 'transition'] as const

/** Why explains in words what one may do with a record, and by which role. */
export function Why({
  app,
  entity,
  id,
  onClose,
}: {
  app: string
  entity: EntityMeta
  id: string
  onClose: () => void
}) {
  const [action, setAction] = useState<string>('update')
  const { data, error } = useQuery({
    queryKey: ['record', app, entity.name, id, 'why', action],
    queryFn: ({ signal }) =>
      call<{ allowed: boolean; explanation: string[] }>('GET', verbPath(app, entity.name, 'why', id), {
        query: { action },
        signal,
      }),
  })
  const texts: Record<(typeof actions)[number], string> = {
    read: t('record.mayRead'),
    update: t('record.mayUpdate'),
    delete: t('record.mayDelete'),
    transition: t('record.mayMove'),
  }
  return (
    <Dialog title={t('record.why')} open onClose={onClose}>
      <div className="stack">
        <Select
          label={t('record.whyAction')}
          value={action}
          onChange={setAction}
          choices={actions.map((a) => ({ id: a, text: texts[a] }))}
        />
        {error ? (
          <Failed error={error} />
        ) : data ? (
          <div className={`note-box ${data.allowed ? 'ok' : 'warn'}`}>
            <Icon name={data.allowed ? 'check' : 'lock'} size={18} />
            <ul className="grow">
              {data.explanation.map((x) => (
                <li key={x}>{x}</li>
              ))}
            </ul>
          </div>
        ) : (
          <Skeleton rows={2} />
        )}
      </div>
    </Dialog>
  )
}
