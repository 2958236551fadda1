import { useMutation, useQuery } from '@tanstack/react-query'
import { endSession, type Session, sessionsQuery } from '../api/account.ts'
import { queries } from '../api/query.ts'
import { ago, moment } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { useConfirm } from '../kit/dialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { Tag } from '../kit/tag.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'
import { deviceOf, isPhone } from './agent.ts'

/** Sessions lists the devices that the person is signed in on, to end those that are strange or lost. */
export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery)
  const { ask, asking } = useConfirm()
  const end = useMutation({
    mutationFn: (ids: string[]) => Promise.all(ids.map(endSession)),
    onSuccess: (_, ids) => toast('ok', t(ids.length > 1 ? 'entry.othersEnded' : 'entry.sessionEnded')),
    onError: toastProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  if (error) return <Failed error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton rows={3} />
  const others = data.filter((s) => !s.current)
  const one = async (s: Session): Promise<void> => {
    const yes = await ask({
      title: t('entry.endSessionAsk'),
      text: t('entry.endSessionConfirm'),
      action: t('entry.endSession'),
      danger: true,
    })
    if (yes) end.mutate([s.id])
  }
  const rest = async (): Promise<void> => {
    const yes = await ask({
      title: t('entry.endOthersAsk'),
      text: t('entry.endOthersHint', { n: others.length }),
      action: t('entry.endOthers'),
      danger: true,
    })
    if (yes) end.mutate(others.map((s) => s.id))
  }
  return (
    <>
      <ul className="account-list">
        {data.map((s) => (
          <li key={s.id}>
            <Icon name={isPhone(s.agent) ? 'phone' : 'monitor'} size={20} />
            <span className="grow">
              <span title={s.agent}>
                {deviceOf(s.agent) || t('entry.unknownAgent')}{' '}
                {s.current && <Tag color="green">{t('entry.thisDevice')}</Tag>}
              </span>
              <span className="soft account-small">
                {s.ip} · {t('entry.signedInAt', { at: moment(s.created_at) })} ·{' '}
                {t('entry.lastUsed', { at: ago(s.last_used_at) })}
              </span>
            </span>
            {!s.current && (
              <Button size="s" onPress={() => void one(s)}>
                {t('entry.endSession')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 && (
        <p className="account-foot wrap-btns">
          <Button look="danger" onPress={() => void rest()}>
            {t('entry.endOthers')}
          </Button>
        </p>
      )}
      {asking}
    </>
  )
}
