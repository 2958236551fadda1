import { released } from '../api/apps.ts'
import { useLive } from '../api/live.ts'
import { meQuery } from '../api/me.ts'
import { queries } from '../api/query.ts'

/** Follow keeps what was read up to date with what the stream tells. A list that is on screen does so itself, in place. */
export function Follow() {
  useLive((e) => {
    if (e.type === 'resync') return void queries.invalidateQueries()
    // What was asked before the stream began may have changed in between, and nobody has told.
    if (e.type === 'ready') {
      for (const kind of ['notifications', 'todos']) void queries.invalidateQueries({ queryKey: [kind] })
    }
    if (e.type.startsWith('tenon.record.') && e.app && e.entity) {
      void queries.invalidateQueries({ queryKey: ['list', e.app, e.entity] })
      void queries.invalidateQueries({ queryKey: ['record', e.app, e.entity, e.id] })
      void queries.invalidateQueries({ queryKey: ['dashboard', e.app] })
      void queries.invalidateQueries({ queryKey: ['todos'] })
    }
    if (e.type.startsWith('tenon.entity.recomputed') && e.app && e.entity) {
      for (const key of [
        ['list', e.app, e.entity],
        ['record', e.app, e.entity],
        ['dashboard', e.app],
        ['jobs', e.app],
      ])
        void queries.invalidateQueries({ queryKey: key })
    }
    if (e.type.includes('notification')) void queries.invalidateQueries({ queryKey: ['notifications'] })
    if (e.type.includes('release') && e.app) void released(e.app, Number(e.data.generation ?? 0))
    if (e.type.includes('role') || e.type.includes('grant')) {
      void queries.invalidateQueries({ queryKey: meQuery.queryKey })
      if (e.app) void released(e.app)
    }
  })
  return null
}
