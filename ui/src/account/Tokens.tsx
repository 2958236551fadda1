import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { makeToken, revokeToken, type Token, tokensQuery } from '../api/account.ts'
import { queries } from '../api/query.ts'
import { ago, day } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Dialog, useConfirm } from '../kit/dialog.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { TextField } from '../kit/field.tsx'
import { FormDialog } from '../kit/formDialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Secret } from '../kit/secret.tsx'
import { Failed, Skeleton } from '../kit/state.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'

function Make({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const make = useMutation({
    mutationFn: () => makeToken(name, /^\d+$/.test(days.trim()) ? Number.parseInt(days, 10) : undefined),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const errors = fieldErrors(make.error, ['name', 'days'])
  if (make.data?.token)
    return (
      <Dialog
        title={t('entry.tokenMade')}
        open
        dismissable={false}
        onClose={onClose}
        foot={
          <Button look="primary" onPress={onClose}>
            {t('common.done')}
          </Button>
        }
      >
        <div className="stack">
          <p>{t('entry.tokenOnce')}</p>
          <Secret text={make.data.token} label={t('entry.tokenMade')} />
        </div>
      </Dialog>
    )
  return (
    <FormDialog
      title={t('entry.tokenMake')}
      action={t('entry.tokenMake')}
      busy={make.isPending}
      error={errors['']}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t('entry.tokenName')}
        autoFocus
        isRequired
        value={name}
        onChange={setName}
        error={errors.name}
      />
      <TextField
        label={t('entry.tokenDays')}
        hint={t('entry.daysHint')}
        inputMode="numeric"
        value={days}
        onChange={(v) => setDays(v.replace(/\D/g, ''))}
        error={errors.days}
      />
    </FormDialog>
  )
}

/** Tokens lists the secrets by which programs work in the person's name. */
export function Tokens() {
  const { data, error, refetch } = useQuery(tokensQuery)
  const [making, setMaking] = useState(false)
  const { ask, asking } = useConfirm()
  const revoke = useMutation({
    mutationFn: revokeToken,
    onSuccess: () => {
      toast('ok', t('entry.tokenGone'))
      return queries.invalidateQueries({ queryKey: ['tokens'] })
    },
    onError: toastProblem,
  })
  const gone = async (x: Token): Promise<void> => {
    const yes = await ask({
      title: t('entry.tokenWithdrawAsk'),
      text: t('entry.tokenWithdrawConfirm', { name: x.name }),
      action: t('entry.tokenWithdraw'),
      danger: true,
    })
    if (yes) revoke.mutate(x.id)
  }
  return (
    <>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={2} />
      ) : data.length === 0 ? (
        <p className="soft">{t('entry.tokensEmpty')}</p>
      ) : (
        <ul className="account-list">
          {data.map((x) => (
            <li key={x.id}>
              <Icon name="key" size={20} />
              <span className="grow">
                <span>
                  {x.name} <code className="soft">{x.prefix}…</code>
                </span>
                <span className="soft account-small">
                  {x.expires_at
                    ? t('entry.tokenExpires', { at: day(x.expires_at.slice(0, 10)) })
                    : t('entry.tokenForever')}{' '}
                  · {x.last_used_at ? t('entry.lastUsed', { at: ago(x.last_used_at) }) : t('entry.tokenNever')}
                </span>
              </span>
              <Button size="s" onPress={() => void gone(x)}>
                {t('entry.tokenWithdraw')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <p className="account-foot">
        <Button icon="plus" onPress={() => setMaking(true)}>
          {t('entry.tokenMake')}
        </Button>
      </p>
      {making && <Make onClose={() => setMaking(false)} />}
      {asking}
    </>
  )
}
