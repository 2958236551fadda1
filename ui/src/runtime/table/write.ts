import { call, newKey } from '../../api/client.ts'
import { type Finding, problemOf } from '../../api/problem.ts'
import { entityPath, verbPath } from '../../api/records.ts'
import type { Rec } from '../../meta/record.ts'

/** One operation of a batch. */
export type Operation =
  | { update: { id: string; version?: number; values: Record<string, unknown> } }
  | { delete: { id: string; version?: number } }
  | { restore: { id: string } }
  | { transition: { id: string; transition: string } }

const most = 500 // operations of one batch, as the server has it

/** batch does all operations or, as far as one part of them goes, none. */
export async function batch(
  app: string,
  entity: string,
  operations: Operation[],
): Promise<{ id: string; version: number }[]> {
  const out: { id: string; version: number }[] = []
  for (let i = 0; i < operations.length; i += most) {
    const part = operations.slice(i, i + most)
    const r = await call<{ results: { id: string; version: number }[] }>('POST', verbPath(app, entity, 'batch'), {
      body: { operations: part },
      idempotencyKey: newKey(),
    })
    out.push(...r.results)
  }
  return out
}

/** idOf is the record that an operation is about. */
const idOf = (o: Operation): string => (Object.values(o)[0] as { id: string }).id

/** byRecord sorts the findings of a refused batch by record and field. What names no field is under "". */
export function byRecord(e: unknown, operations: Operation[]): Map<string, Record<string, string>> {
  const out = new Map<string, Record<string, string>>()
  for (const f of problemOf(e).errors) {
    const m = /^\/operations\/(\d+)(?:\/\w+)?(?:\/values)?(?:\/([^/]+))?/.exec(f.pointer)
    const op = operations[Number(m?.[1] ?? -1)]
    if (!op) continue
    const at = m?.[2] ?? ''
    const all = out.get(idOf(op)) ?? {}
    out.set(idOf(op), { ...all, [at]: [all[at], said(f)].filter(Boolean).join(' ') })
  }
  return out
}

/** said is a finding in words, with the way out. */
export const said = (f: Pick<Finding, 'message' | 'cure'>): string => (f.cure ? `${f.message} ${f.cure}` : f.message)

/** save changes fields of a record, unless somebody else was first. */
export const save = (app: string, entity: string, rec: Rec, values: Record<string, unknown>): Promise<Rec> =>
  call<Rec>('PATCH', entityPath(app, entity, rec.id), { body: values, ifMatch: rec.version })
