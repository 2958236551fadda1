import type { Schemas } from '../../api/schemas.ts'
import { inWords, scopeOf, titleIn } from '../../cel/words.ts'
import { moment } from '../../i18n/format.ts'
import { type Label, label, t } from '../../i18n/i18n.ts'
import { entityOf } from '../../meta/find.ts'
import type { AppMeta } from '../../meta/types.ts'

/** Where a value of a record comes from, as the server says. */
export type Explanation = Schemas['ValueExplanation']

/** Formula is a formula in the names that people know; pointing at it shows it as it is written. */
function Formula({ meta, entity, text }: { meta: AppMeta; entity: string; text: string }) {
  return (
    <code className="explain-formula" title={text}>
      {inWords(text, entity, meta).map((w, i) => (w.name ? <b key={i}>{w.text}</b> : w.text))}
    </code>
  )
}

function Rollup({ meta, rollup }: { meta: AppMeta; rollup: NonNullable<Explanation['rollup']> }) {
  const { entity, value, where } = rollup
  const added = value && titleIn(meta, entity, value)
  const name = scopeOf(meta, entity)?.title ?? label(rollup.title as Label)
  return (
    <p>
      {t(`explain.fn_${rollup.function}` as 'explain.fn_sum', { entity: name })}
      {value && <> {added ? <strong>{added}</strong> : <Formula meta={meta} entity={entity} text={value} />}</>}
      {where && (
        <>
          {t('explain.where')} <Formula meta={meta} entity={entity} text={where} />
        </>
      )}
    </p>
  )
}

/** Rule says in a sentence how a value comes about. */
export function Rule({ meta, entity, a }: { meta: AppMeta; entity: string; a: Explanation }) {
  if (a.kind === 'formula')
    return (
      <p>
        {a.formula ? <Formula meta={meta} entity={entity} text={a.formula} /> : <em>{t('explain.formulaHidden')}</em>}
      </p>
    )
  if (a.rollup) return <Rollup meta={meta} rollup={a.rollup} />
  if (a.kind === 'rollup') return <p>{t('explain.rollupHidden')}</p>
  if (a.kind === 'ledger') {
    const posted = entityOf(meta, entity)?.kept === 'entry'
    const rows = posted ? 'explain.ledgerEntry' : 'explain.ledgerRows'
    return <p>{t(a.rows?.length ? rows : 'explain.ledger')}</p>
  }
  if (a.changed)
    return (
      <p>
        {t('explain.changed', {
          who: a.display[a.changed.actor] ?? t(a.changed.actor ? 'common.unknownPerson' : 'common.system'),
          at: moment(a.changed.at),
        })}
      </p>
    )
  return <p>{t(a.kind === 'number' ? 'explain.number' : a.kind === 'system' ? 'explain.system' : 'explain.entered')}</p>
}
