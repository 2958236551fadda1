/** Texts of the states that every screen can be in. */
export const states = {
  emptyTitle: '这里还没有内容',
  errorTitle: '出错了',
  errorHint: '可以重试；如果一直这样，请把下面的编号告诉管理员。',
  code: '代码：{code}',
  request: '请求编号：{id}',
  deniedTitle: '没有权限',
  deniedHint: '您的角色看不到这里的内容。需要的话，请联系管理员。',
  missingTitle: '找不到',
  missingHint: '它不存在、已被删除，或者您没有权限查看。',
  offlineTitle: '网络已断开',
  offlineHint: '正在自动重新连接；已填写的内容会保留在本机。',
  offlineBar: '网络已断开，正在重新连接…',
  goHome: '回到工作台',
}
