import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { jobsQuery, type Ledger, postAgain, type Verification } from '../api/books.ts'
import { useMe } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { count, moment } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { FormDialog } from '../kit/formDialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { toast } from '../kit/toast.tsx'
import { entityOf } from '../meta/find.ts'
import type { AppMeta } from '../meta/types.ts'

type List = NonNullable<Verification['earlier']>

const saying = {
  added: 'books.earlierAdded',
  changed: 'books.earlierChanged',
  removed: 'books.earlierRemoved',
} as const

function AgainDialog({ app, of, what, onClose }: { app: string; of: List[number]; what: string; onClose: () => void }) {
  const act = useMutation({
    mutationFn: () => postAgain(app, of.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: jobsQuery(app).queryKey })
      toast('ok', t('books.againBegun'))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t('books.againTitle')}
      action={t('books.again')}
      busy={act.isPending}
      error={fieldErrors(act.error, [])['']}
      onClose={onClose}
      onSubmit={() => act.mutate()}
    >
      <p>{what}</p>
      <p className="note-box warn">
        <span>{t('books.againMeans')}</span>
      </p>
    </FormDialog>
  )
}

/**
 * Earlier tells which documents have posted by rules that a release has changed since, or have nothing by those that it
 * added to closed periods, and posts them again.
 */
export function Earlier({ meta, ledgers, list }: { meta: AppMeta; ledgers: Ledger[]; list: List }) {
  const me = useMe()
  const [asked, setAsked] = useState<List[number]>()
  const says = (x: List[number]): string =>
    t(saying[x.change], {
      entity: label(entityOf(meta, x.entity)?.title, x.entity),
      ledger: label(ledgers.find((l) => l.name === x.ledger)?.title, x.ledger),
      n: count(x.documents),
      since: moment(x.since),
    })
  return (
    <div className="note-box">
      <Icon name="info" size={18} />
      <div className="grow">
        <p>
          <strong>{t('books.earlier')}</strong> <span className="soft">{t('books.earlierMeans')}</span>
        </p>
        <ul>
          {list.map((x) => (
            <li key={x.id} className="books-head">
              <span className="grow">{says(x)}</span>
              {(me.admin || me.reviewer) && (
                <Button size="s" onPress={() => setAsked(x)}>
                  {t('books.again')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      {asked && <AgainDialog app={meta.app} of={asked} what={says(asked)} onClose={() => setAsked(undefined)} />}
    </div>
  )
}
