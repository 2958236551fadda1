import { call } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import type { Rec } from '../../meta/record.ts'

/** transition moves a record on, as it was seen: somebody else's change in between refuses it. */
export function transition(app: string, entity: string, rec: Pick<Rec, 'id' | 'version'>, name: string): Promise<Rec> {
  return call<Rec>('POST', verbPath(app, entity, 'transition', rec.id), {
    body: { transition: name },
    query: { display: true },
    ifMatch: rec.version,
  })
}
