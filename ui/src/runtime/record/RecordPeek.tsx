import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMeta } from '../../api/apps.ts'
import { recordQuery } from '../../api/records.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Failed, Skeleton } from '../../kit/state.tsx'
import { entityOf } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'
import type { EntityMeta, ViewMeta } from '../../meta/types.ts'
import { useWhole } from '../form/useForm.ts'
import { Moves } from './Moves.tsx'
import { Posted } from './Posted.tsx'
import { RecordForm, useFormView, useOthers } from './RecordForm.tsx'
import { titleOf } from './RecordPage.tsx'
import { useSession } from './session.ts'

interface Props {
  app: string
  entity: string
  id: string
  onClose: () => void
}

/** RecordPeek is a record beside the screen that it was opened from. */
export function RecordPeek({ app, entity, id, onClose }: Props) {
  const e = entityOf(useMeta(app), entity)
  const { data, error } = useQuery(recordQuery(app, entity, id))
  const form = useFormView(app, entity, undefined)
  if (e && data && form.ready && !form.error)
    return <Opened key={id} app={app} entity={e} first={data} view={form.view} onClose={onClose} />
  return (
    <Dialog title={t('common.loading')} look="side" open onClose={onClose}>
      {error || form.error ? (
        <Failed error={error ?? form.error} retry={error ? undefined : form.retry} />
      ) : (
        <Skeleton />
      )}
    </Dialog>
  )
}

function Opened({
  app,
  entity,
  first,
  view,
  onClose,
}: {
  app: string
  entity: EntityMeta
  first: Rec
  view?: ViewMeta
  onClose: () => void
}) {
  const [record] = useState(first)
  const fixed = !entity.actions.includes('update')
  const session = useSession({ app, entity, form: view?.name, record, fixed })
  const waiting = useOthers(app, entity.name, session, record)
  const { store } = session
  const dirty = useWhole(store, () => store.dirty)
  const base = useWhole(store, () => store.base) ?? record
  return (
    <Dialog
      title={titleOf(entity, base)}
      look="side"
      open
      onClose={onClose}
      dismissable={!dirty}
      foot={
        <>
          <Link
            to="/a/$app/r/$entity/$id"
            params={{ app, entity: entity.name, id: record.id }}
            search={{}}
            className="btn btn-ghost btn-m"
          >
            {t('record.openFull')}
          </Link>
          <Posted app={app} entity={entity.name} record={base} />
          <Moves app={app} entity={entity} session={session} />
          {dirty && (
            <Button look="primary" icon="save" isDisabled={session.saving} onPress={() => void session.save()}>
              {t('common.save')}
            </Button>
          )}
        </>
      }
    >
      <div className="peek">
        <RecordForm app={app} entity={entity} view={view} session={session} fixed={fixed} waiting={waiting} />
      </div>
    </Dialog>
  )
}
