import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { metaQuery } from '../api/apps.ts'
import { useMe } from '../api/me.ts'
import { problemOf } from '../api/problem.ts'
import { gone, visited } from '../api/recent.ts'
import { recordQuery } from '../api/records.ts'
import { entityOf, fieldOf } from '../meta/find.ts'
import { type Rec, show } from '../meta/record.ts'
import type { AppMeta } from '../meta/types.ts'

/** textOf is what a record is called: the value of its entity's display field. */
function textOf(meta: AppMeta, entity: string, rec: Rec): string {
  const e = entityOf(meta, entity)
  const field = e?.display ? fieldOf(e, e.display) : undefined
  return field ? show(field, rec[field.name], rec.display) : ''
}

/** Remember notes the record that is open, for the list of recent ones. Its page reads the same answer. */
export function Remember() {
  const { id: me } = useMe()
  const { app = '', entity = '', id = '' } = useParams({ strict: false }) as Record<string, string | undefined>
  const { data: rec, error } = useQuery({ ...recordQuery(app, entity, id), enabled: !!id })
  const { data: meta } = useQuery({ ...metaQuery(app), enabled: !!id })
  const lost = !!error && problemOf(error).missing
  const text = rec && meta ? textOf(meta, entity, rec) : ''
  useEffect(() => {
    if (!id) return
    if (lost) gone(me, { app, entity, id })
    else if (text) visited(me, { app, entity, id, text })
  }, [me, app, entity, id, lost, text])
  return null
}
