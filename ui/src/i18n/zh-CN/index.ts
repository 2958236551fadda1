import { admin } from './admin.ts'
import { board } from './board.ts'
import { books } from './books.ts'
import { calendar } from './calendar.ts'
import { common } from './common.ts'
import { dashboard } from './dashboard.ts'
import { dev } from './dev.ts'
import { entry } from './entry.ts'
import { explain } from './explain.ts'
import { filter } from './filter.ts'
import { form } from './form.ts'
import { gallery } from './gallery.ts'
import { home } from './home.ts'
import { imports } from './imports.ts'
import { keys } from './keys.ts'
import { print } from './print.ts'
import { record } from './record.ts'
import { shell } from './shell.ts'
import { states } from './states.ts'
import { table } from './table.ts'

export const texts = {
  admin,
  board,
  books,
  calendar,
  common,
  dashboard,
  dev,
  entry,
  explain,
  filter,
  form,
  gallery,
  home,
  imports,
  keys,
  print,
  record,
  shell,
  states,
  table,
}
