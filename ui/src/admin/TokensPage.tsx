import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { revokeUserToken, type UserToken, userTokensQuery } from '../api/admin.ts'
import { queries } from '../api/query.ts'
import { ago, day } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { useConfirm } from '../kit/dialog.tsx'
import { More } from '../kit/more.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'

function Row({ token: x, onRevoke }: { token: UserToken; onRevoke: () => void }) {
  const over = !!x.expires_at && new Date(x.expires_at) <= new Date()
  return (
    <tr>
      <td>{x.user.name || t('common.unknownPerson')}</td>
      <td>
        {x.name} <code className="soft">{x.prefix}…</code>
      </td>
      <td className="nowrap" data-label={t('admin.tokenMade')}>
        {day(x.created_at.slice(0, 10))}
      </td>
      <td className="nowrap" data-label={t('admin.tokenUsed')}>
        {x.last_used_at ? ago(x.last_used_at) : t('entry.tokenNever')}
      </td>
      <td className="nowrap" data-label={t('admin.tokenExpires')}>
        {over ? (
          <Tag color="gray">{t('admin.tokenOver')}</Tag>
        ) : x.expires_at ? (
          day(x.expires_at.slice(0, 10))
        ) : (
          t('entry.tokenForever')
        )}
      </td>
      <td className="admin-acts">
        <Button size="s" onPress={onRevoke} aria-label={`${t('entry.tokenWithdraw')}: ${x.user.name} · ${x.name}`}>
          {t('entry.tokenWithdraw')}
        </Button>
      </td>
    </tr>
  )
}

/** TokensPage shows whose programs may work with the workspace, and ends a token that nobody should have any more. */
export function TokensPage() {
  const list = useInfiniteQuery(userTokensQuery)
  const { data, error, refetch } = list
  const { ask, asking } = useConfirm()
  const all = data?.pages.flatMap((p) => p.tokens) ?? []
  const revoke = useMutation({
    mutationFn: revokeUserToken,
    onSuccess: () => {
      toast('ok', t('entry.tokenGone'))
      return Promise.all(['user-tokens', 'tokens'].map((k) => queries.invalidateQueries({ queryKey: [k] })))
    },
    onError: toastProblem,
  })
  const gone = async (x: UserToken): Promise<void> => {
    const yes = await ask({
      title: t('entry.tokenWithdrawAsk'),
      text: t('admin.tokenWithdrawConfirm', { name: x.name, user: x.user.name }),
      action: t('entry.tokenWithdraw'),
      danger: true,
    })
    if (yes) revoke.mutate(x)
  }
  return (
    <Page title={t('admin.tokens')} note={t('admin.tokensHint')}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton shape="table" />
      ) : all.length === 0 ? (
        <Empty icon="key" title={t('admin.tokensNone')} text={t('admin.tokensNoneHint')} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
        <section className="card scroll-x" aria-label={t('admin.tokens')} tabIndex={0}>
          <table className="grid-table admin-cards">
            <thead>
              <tr>
                {(['tokenUser', 'tokenName', 'tokenMade', 'tokenUsed', 'tokenExpires'] as const).map((k) => (
                  <th key={k} scope="col">
                    {t(`admin.${k}`)}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {all.map((x) => (
                <Row key={x.id} token={x} onRevoke={() => void gone(x)} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <More of={list} className="admin-more" />
      {asking}
    </Page>
  )
}
