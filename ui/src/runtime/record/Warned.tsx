import type { Finding } from '../../api/problem.ts'
import { nameOf } from '../form/Summary.tsx'
import type { FormStore } from '../form/store.ts'

/** Warned lists what there is to be warned of before a record moves on: where, what, and the way out. */
export function Warned({ store, list }: { store: FormStore; list: Finding[] }) {
  return (
    <ul className="warned">
      {list.map((f) => (
        <li key={f.pointer + f.message}>
          {f.pointer !== '' && <b>{nameOf(store, store.placeOf(f.pointer))}</b>} {f.message}{' '}
          {f.cure && <span className="field-hint">{f.cure}</span>}
        </li>
      ))}
    </ul>
  )
}
