import type { states as source } from '../zh-CN/states.ts'

export const states: typeof source = {
  emptyTitle: 'Nothing here yet',
  errorTitle: 'Something went wrong',
  errorHint: 'Try again. If it keeps happening, tell your administrator the number below.',
  code: 'Code: {code}',
  request: 'Request: {id}',
  deniedTitle: 'No permission',
  deniedHint: 'Your roles don’t let you see this. Ask your administrator if you need it.',
  missingTitle: 'Not found',
  missingHint: 'It doesn’t exist, was deleted, or you may not see it.',
  offlineTitle: 'You are offline',
  offlineHint: 'Reconnecting by itself; what you typed is kept on this device.',
  offlineBar: 'Offline, reconnecting…',
  goHome: 'Go home',
}
