import type { texts as source } from '../zh-CN/index.ts'
import { board } from './board.ts'
import { calendar } from './calendar.ts'
import { common } from './common.ts'
import { dashboard } from './dashboard.ts'
import { entry } from './entry.ts'
import { filter } from './filter.ts'
import { form } from './form.ts'
import { imports } from './imports.ts'
import { shell } from './shell.ts'
import { states } from './states.ts'
import { table } from './table.ts'

export const texts: typeof source = {
  board,
  calendar,
  common,
  dashboard,
  entry,
  filter,
  form,
  imports,
  shell,
  states,
  table,
}
