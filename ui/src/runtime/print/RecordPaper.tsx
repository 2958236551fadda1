import { useMe } from '../../api/me.ts'
import { moment } from '../../i18n/format.ts'
import { label, t } from '../../i18n/i18n.ts'
import { currencyOf, optionOf, type Rec, show } from '../../meta/record.ts'
import type { ColumnMeta, EntityMeta, FieldMeta, ViewMeta } from '../../meta/types.ts'
import { RichText } from '../form/RichText.tsx'
import { fileAddress } from '../form/upload.ts'
import { type Block, type FieldsBlock, type LinesBlock, onRight, type Plan, totalOf } from './paper.ts'
import { breaks, cellOf, printed } from './texts.ts'

const kept = 2 // rows that stay with the totals

/** numberOf is what a record is called on paper, and what that is. */
export function numberOf(entity: EntityMeta, r: Rec): { title: string; text: string } | undefined {
  const f = entity.fields.find((x) => x.name === entity.display)
  const text = f ? show(f, r[f.name], r.display) : ''
  return f && text ? { title: label(f.title, f.name), text } : undefined
}

/** paperTitle is what the paper of a record is called. */
export const paperTitle = (entity: EntityMeta, view: ViewMeta | undefined): string =>
  label(view?.print?.title) || label(entity.title, entity.name)

function Value({ field, record, currency }: { field: FieldMeta; record: Rec; currency: string }) {
  const v = record[field.name]
  if (field.kind === 'image')
    return (v as string[]).map((id) => <img key={id} className="paper-image" src={fileAddress(id)} alt="" />)
  if (field.kind === 'richtext') return <RichText html={String(v)} />
  return printed({ ...field, currency: currencyOf(field, (f) => record[f], currency) }, v, record.display)
}

function Fields({ block, record, currency }: { block: FieldsBlock; record: Rec; currency: string }) {
  return (
    <dl className={`paper-fields paper-cols-${block.columns}`}>
      {block.items.map(({ field, span }) => (
        <div key={field.name} className={`paper-field paper-span-${span}`}>
          <dt>{t('print.field', { title: label(field.title, field.name) })}</dt>
          <dd dir="auto">
            <Value field={field} record={record} currency={currency} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** lookOf is how a column stands: figures on the right, what mustn't be broken in one line. */
export const lookOf = (c: ColumnMeta): string => (onRight(c) ? 'num' : breaks(c.kind) ? '' : 'nowrap')

/** Row is a row of a printed table. */
export function Row({ no, columns, texts }: { no: number | string; columns: ColumnMeta[]; texts: string[] }) {
  return (
    <tr>
      <td className="paper-no">{no}</td>
      {columns.map((c, i) => (
        <td key={c.path} className={lookOf(c)} dir="auto">
          {texts[i]}
        </td>
      ))}
    </tr>
  )
}

/** Heads is the head of a printed table; the browser repeats it on every page. */
export function Heads({ columns, shares }: { columns: ColumnMeta[]; shares: number[] }) {
  return (
    <>
      <colgroup>
        <col className="paper-no" />
        {columns.map((c, i) => (
          <col key={c.path} style={{ width: `${shares[i]}%` }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          <th scope="col" className="paper-no">
            {t('print.no')}
          </th>
          {columns.map((c) => (
            <th key={c.path} scope="col" className={onRight(c) ? 'num' : ''}>
              {label(c.title, c.path)}
            </th>
          ))}
        </tr>
      </thead>
    </>
  )
}

/** tableLook is the class of a printed table. */
export const tableLook = (small: boolean): string => `paper-table ${small ? 'paper-small' : ''}`

function Lines({ block, record }: { block: LinesBlock; record: Rec }) {
  const { columns, rows } = block
  const row = (r: Rec, i: number) => (
    <Row key={r.id ?? i} no={i + 1} columns={columns} texts={columns.map((c) => cellOf(r, c, record.display))} />
  )
  const totals = columns.some((c) => c.total === 'sum') && rows.length > 0
  const cut = totals ? Math.max(0, rows.length - kept) : rows.length
  return (
    <table className={tableLook(block.small)} aria-label={label(block.field.title, block.field.name)}>
      <Heads columns={columns} shares={block.shares} />
      <tbody>{rows.slice(0, cut).map(row)}</tbody>
      {totals && (
        <tbody className="paper-last">
          {rows.slice(cut).map((r, i) => row(r, cut + i))}
          <tr className="paper-total">
            <td className="paper-no">{t('print.total')}</td>
            {columns.map((c) => (
              <td key={c.path} className={onRight(c) ? 'num' : ''}>
                {totalOf(c, rows)}
              </td>
            ))}
          </tr>
        </tbody>
      )}
    </table>
  )
}

/** titled is true where a group of fields needs its title: not the first, nor what follows the lines, nor a single field. */
const titled = (blocks: Block[], i: number): boolean => {
  const b = blocks[i]!
  return b.kind === 'fields' && i > 0 && blocks[i - 1]!.kind !== 'lines' && b.items.length > 1 && b.title !== ''
}

/** RecordPaper is a record as a document of the company. */
export function RecordPaper({
  entity,
  view,
  plan,
  currency,
  at,
}: {
  entity: EntityMeta
  view?: ViewMeta
  plan: Plan
  currency: string
  /** When it is printed. */
  at: string
}) {
  const me = useMe()
  const { record, blocks } = plan
  const number = numberOf(entity, record)
  const state = entity.fields.find((f) => f.name === entity.state_field)
  const stands = state && optionOf(state, record[state.name])
  const lastLines = blocks.findLastIndex((b) => b.kind === 'lines')
  const draw = (b: Block, i: number) => (
    <div key={b.kind === 'lines' ? b.field.name : (b.items[0]?.field.name ?? i)} className="paper-block">
      {titled(blocks, i) && <h3 className="paper-section">{b.kind === 'fields' && b.title}</h3>}
      {b.kind === 'lines' ? (
        <Lines block={b} record={record} />
      ) : (
        <Fields block={b} record={record} currency={currency} />
      )}
    </div>
  )
  const signatures = view?.print?.signatures ?? []
  const note = label(view?.print?.note)
  const said = me.workspace
  return (
    <article className="paper" aria-label={`${paperTitle(entity, view)} ${number?.text ?? ''}`}>
      <header className="paper-head">
        {said && <p className="paper-company">{said}</p>}
        <h2 className="paper-title">{paperTitle(entity, view)}</h2>
        <p className="paper-line">
          {number && (
            <span>
              {t('print.field', { title: number.title })}
              <strong>{number.text}</strong>
            </span>
          )}
          <span className="grow" />
          {stands && (
            <span>
              {t('print.field', { title: label(state.title, t('print.state')) })}
              {label(stands.title)}
            </span>
          )}
        </p>
      </header>
      {blocks.slice(0, lastLines + 1).map(draw)}
      <div className={lastLines < 0 ? '' : 'paper-tail'}>
        {blocks.slice(lastLines + 1).map((b, i) => draw(b, lastLines + 1 + i))}
        {note && <p className="paper-remark">{note}</p>}
        {signatures.length > 0 && (
          <dl className="paper-signs">
            {signatures.map((s) => (
              <div key={label(s)} className="paper-sign">
                <dt>{t('print.field', { title: label(s) })}</dt>
                <dd />
              </div>
            ))}
          </dl>
        )}
        <p className="paper-stamp">
          <span>{t('print.printedBy', { who: me.name })}</span>
          <span>{t('print.printedAt', { at: moment(at) })}</span>
        </p>
      </div>
    </article>
  )
}
