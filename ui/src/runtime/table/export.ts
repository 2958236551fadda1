import { send } from '../../api/client.ts'
import { verbPath } from '../../api/records.ts'
import { toastProblem } from '../../kit/toast.tsx'
import type { ViewMeta } from '../../meta/types.ts'
import { nameOf } from '../form/upload.ts'
import type { Column } from './columns.ts'
import { orderBy, type TableState } from './state.ts'

/** exportTable saves what the table shows as a file: its filter, order and columns. */
export async function exportTable(
  app: string,
  view: ViewMeta,
  s: TableState,
  columns: Column[],
  format: 'xlsx' | 'csv',
): Promise<void> {
  const named = view.saved?.some((x) => x.name === s.saved) ? s.saved : undefined
  // A column over a reference shows what the record there is called, as the reference itself does in a file.
  const fields = [...new Set(columns.filter((c) => c.kind !== 'lines' && !c.masked).map((c) => c.path.split('.')[0]!))]
  try {
    const body = {
      format,
      view: view.name,
      saved: named,
      filter: s.filter || undefined,
      search: s.search || undefined,
      order_by: orderBy(s.sort) || undefined,
      fields,
    }
    const res = await send('POST', verbPath(app, view.entity, 'export'), { body })
    const url = URL.createObjectURL(await res.blob())
    const a = document.createElement('a')
    a.href = url
    a.download = nameOf(res.headers.get('content-disposition')) || `${view.name}.${format}`
    a.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  } catch (e) {
    toastProblem(e)
  }
}
