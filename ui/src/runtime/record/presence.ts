import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { useMe } from '../../api/me.ts'
import { entityPath } from '../../api/records.ts'

export interface Person {
  id: string
  name: string
  mode: 'viewing' | 'editing'
}

const beat = 20_000

/** usePresence says that one has a record open, and who else does. */
export function usePresence(app: string, entity: string, id: string, editing: boolean): Person[] {
  const me = useMe()
  const [people, setPeople] = useState<Person[]>([])
  const mode = editing ? 'editing' : 'viewing'
  useEffect(() => {
    const at = entityPath(app, entity, id, 'presence')
    let over = false
    const say = (): void => {
      call<{ people: Person[] }>('PUT', at, { body: { mode } }).then(
        (r) => over || setPeople(r.people),
        () => {}, // who else is there is no reason to disturb anybody
      )
    }
    say()
    const timer = setInterval(say, beat)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [app, entity, id, mode])
  useEffect(
    () => () => {
      call('DELETE', entityPath(app, entity, id, 'presence')).catch(() => {})
    },
    [app, entity, id],
  )
  useLive((e) => {
    if (e.type.startsWith('tenon.presence') && e.entity === entity && e.data.record === id)
      setPeople((e.data.people as Person[] | undefined) ?? [])
  })
  return people.filter((p) => p.id !== me.id)
}
