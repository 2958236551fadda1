import { expect, test } from 'vitest'
import { readEvent } from './live.ts'

test('an event says of which app it is, in its data or by its source', () => {
  const frame = (body: object): string => JSON.stringify({ time: '2026-11-27T12:44:27Z', ...body })
  expect(
    readEvent('message', frame({ type: 'tenon.app.released.v1', source: '/apps/general', data: { commit: '21' } })),
  ).toMatchObject({ type: 'tenon.app.released.v1', app: 'general', entity: undefined })
  const data = { app: 'shop', entity: 'unit', record: '7' }
  expect(readEvent('message', frame({ type: 'tenon.presence.changed.v1', source: '/apps/shop', data }))).toMatchObject({
    app: 'shop',
    entity: 'unit',
    id: '7',
  })
  expect(readEvent('ready', '{}')).toMatchObject({ type: 'ready', app: undefined })
  expect(readEvent('message', frame({ type: 'x', source: '/users', data: {} })).app).toBeUndefined()
})
