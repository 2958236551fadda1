import type { Key } from '../i18n/i18n.ts'

/** actions are what the audit calls what people do. */
export const actions: Record<string, Key> = {
  create: 'admin.actCreate',
  update: 'admin.actUpdate',
  delete: 'admin.actDelete',
  restore: 'admin.actRestore',
  transition: 'admin.actTransition',
  export: 'admin.actExport',
  import: 'admin.actImport',
  release: 'admin.actRelease',
  draft: 'admin.actDraft',
  refusal: 'admin.actRefusal',
  refusals_lost: 'admin.actRefusalsLost',
  setup: 'admin.actSetup',
  login: 'admin.actLogin',
  'session.end': 'admin.actSessionEnd',
  'token.create': 'admin.actTokenCreate',
  'token.delete': 'admin.actTokenDelete',
  'user.create': 'admin.actUserCreate',
  'user.update': 'admin.actUserUpdate',
  'user.delete': 'admin.actUserDelete',
  'user.password': 'admin.actUserPassword',
  'user.reset_issued': 'admin.actResetIssued',
  'user.reset_used': 'admin.actResetUsed',
  'user.departments': 'admin.actUserDepartments',
  'user.roles': 'admin.actUserRoles',
  'department.create': 'admin.actDepartmentCreate',
  'department.update': 'admin.actDepartmentUpdate',
  'department.delete': 'admin.actDepartmentDelete',
  'comment.delete': 'admin.actCommentDelete',
}

/** kinds are what of the workspace itself the audit speaks of; other entities belong to apps. */
export const kinds: Record<string, Key> = {
  workspace: 'admin.kindWorkspace',
  user: 'admin.kindUser',
  department: 'admin.kindDepartment',
  token: 'admin.kindToken',
  session: 'admin.kindSession',
  comment: 'admin.kindComment',
}
