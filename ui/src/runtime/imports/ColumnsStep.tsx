import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Combo } from '../../kit/combo.tsx'
import { Select } from '../../kit/field.tsx'
import { ScrollBox } from '../../kit/scroll.tsx'
import { entityOf } from '../../meta/find.ts'
import { linesOf, type Options, type Target, type Upload } from './job.ts'

interface Props {
  app: string
  entity: string
  upload: Upload
  options: Options
  onOptions: (o: Options) => void
  busy: boolean
  onSheet: (sheet: string) => void
  onBack: () => void
  onNext: () => void
}

const none = '-'

/** nameOf is what a field is called beside others: a line's with what holds the lines. */
const nameOf = (f: Target): string => (f.lines_title ? `${f.lines_title} · ${f.title}` : f.title)

/** ColumnsStep says which field each column of the file goes to. */
export function ColumnsStep({ app, entity, upload, options, onOptions, busy, onSheet, onBack, onNext }: Props) {
  const meta = useMeta(app)
  const used = Object.values(options.mapping)
  const twice = used.some((f, i) => used.indexOf(f) !== i)
  const target = entityOf(meta, entity)
  const lines = linesOf(upload, options.mapping)
  const missing = upload.fields
    .filter((f) => f.required && !used.includes(f.name) && (!f.lines || f.lines === lines))
    .map(nameOf)
  const choices = [
    { id: none, text: t('imports.skip') },
    ...upload.fields
      .filter((f) => !f.lines || !lines || f.lines === lines)
      .map((f) => ({
        id: f.name,
        text: f.required ? `${nameOf(f)} *` : nameOf(f),
        note: f.key_only ? t('imports.keyOnly') : undefined,
        group: f.lines_title ?? label(target?.title),
      })),
  ]
  const put = (header: string, field: string): void => {
    const { [header]: _, ...rest } = options.mapping
    const mapping = field === none ? rest : { ...rest, [header]: field }
    const key = options.key && Object.values(mapping).includes(options.key) ? options.key : undefined
    const finds = upload.fields.some((f) => f.name === field && f.key_only)
    onOptions({ ...options, mapping, key: finds ? field : key })
  }
  // Which fields may find a record is the server's word: a choice that it refuses is told as such.
  const keys = target?.actions.includes('update')
    ? upload.fields.filter(
        (f) =>
          used.includes(f.name) &&
          ['text', 'number', 'barcode', 'email', 'phone'].includes(
            target.fields.find((x) => x.name === f.name)?.kind ?? '',
          ),
      )
    : []
  return (
    <div className="stack imp-fill">
      <div className="row row-wrap">
        <p className="grow">{t('imports.rows', { name: upload.name, n: upload.rows })}</p>
        {upload.sheets.length > 1 && (
          <Select
            label={t('imports.sheet')}
            choices={upload.sheets.map((s) => ({ id: s, text: s }))}
            value={upload.sheet}
            onChange={onSheet}
          />
        )}
      </div>
      {missing.length > 0 && (
        <p className="note-box warn">{t('imports.unmapped', { fields: missing.join(t('common.listSeparator')) })}</p>
      )}
      {twice && (
        <p className="note-box danger" role="alert">
          {t('imports.twice')}
        </p>
      )}
      <ScrollBox className="card imp-scroll" label={t('imports.stepColumns')}>
        <table className="grid-table imp-map">
          <thead>
            <tr>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.example')}</th>
              <th scope="col">{t('imports.field')}</th>
            </tr>
          </thead>
          <tbody>
            {upload.headers.map((h, i) => (
              <tr key={`${i}-${h}`}>
                <th scope="row">{h}</th>
                <td className="soft imp-example">
                  {upload.sample
                    .slice(0, 3)
                    .map((r) => r[i])
                    .filter(Boolean)
                    .join(' · ')}
                </td>
                <td className="imp-target">
                  <Combo
                    label={`${t('imports.field')}: ${h}`}
                    hideLabel
                    choices={choices}
                    value={options.mapping[h] ?? none}
                    onChange={(f) => put(h, f)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <div className="row row-wrap">
        {lines && (
          <div className="imp-narrow grow">
            <Select
              label={t('imports.groupTitle')}
              choices={[
                { id: none, text: t('imports.groupNone') },
                ...upload.headers.filter(Boolean).map((h) => ({ id: h, text: t('imports.groupBy', { column: h }) })),
              ]}
              value={options.group || none}
              onChange={(g) => onOptions({ ...options, group: g === none ? '' : g })}
            />
          </div>
        )}
        {keys.length > 0 && (
          <div className="imp-narrow grow">
            <Select
              label={t('imports.keyTitle')}
              choices={[
                { id: none, text: t('imports.keyNone') },
                ...keys.map((f) => ({ id: f.name, text: t('imports.keyBy', { field: label(f.title) }) })),
              ]}
              value={options.key ?? none}
              onChange={(k) => onOptions({ ...options, key: k === none ? undefined : k })}
            />
          </div>
        )}
      </div>
      <div className="imp-foot">
        <Button onPress={onBack}>{t('common.previous')}</Button>
        <Button look="primary" isDisabled={busy || twice || used.length === 0} onPress={onNext}>
          {t(busy ? 'imports.checking' : 'imports.check')}
        </Button>
      </div>
    </div>
  )
}
