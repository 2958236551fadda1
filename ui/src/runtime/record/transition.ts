import { call } from '../../api/client.ts'
import type { Finding, Problem } from '../../api/problem.ts'
import { verbPath } from '../../api/records.ts'
import type { Rec } from '../../meta/record.ts'

type Seen = Pick<Rec, 'id' | 'version'>

/**
 * transition moves a record on, as it was seen: somebody else's change in between refuses it. A careful one is not made
 * where there is something to be warned of.
 */
export function transition(app: string, entity: string, rec: Seen, name: string, careful = false): Promise<Rec> {
  return call<Rec>('POST', verbPath(app, entity, 'transition', rec.id), {
    body: { transition: name, warnings: careful ? 'refuse' : undefined },
    query: { display: true },
    ifMatch: rec.version,
  })
}

/** warnedOf is what a careful transition was not made for; undefined where something else refused it. */
export function warnedOf(p: Problem): Finding[] | undefined {
  return p.code === 'flow.warned' ? p.errors.filter((f) => f.severity === 'warning') : undefined
}
