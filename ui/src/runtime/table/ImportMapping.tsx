import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/field.tsx'
import { toastProblem } from '../../kit/toast.tsx'
import type { EntityMeta } from '../../meta/types.ts'
import { type Options, type Uploaded, uploadImport } from './imports.ts'

interface Props {
  app: string
  entity: EntityMeta
  file: File
  uploaded: Uploaded
  options: Options
  change: (o: Options) => void
  onSheet: (f: File, u: Uploaded) => void
  onBack: () => void
  onNext: () => void
}

const skip = '-'
const samples = 3

/** ImportMapping says what each column of the file means. */
export function ImportMapping({ app, entity, file, uploaded, options, change, onSheet, onBack, onNext }: Props) {
  const { headers, fields, sample } = uploaded
  const used = new Set(Object.values(options.mapping))
  const missing = options.key ? [] : fields.filter((f) => f.required && !used.has(f.name))
  const put = (header: string, field: string): void => {
    const mapping = Object.fromEntries(Object.entries(options.mapping).filter(([h, f]) => h !== header && f !== field))
    if (field !== skip) mapping[header] = field
    change({ ...options, mapping })
  }
  const choices = [
    { id: skip, text: t('table.importSkip') },
    ...fields.map((f) => ({ id: f.name, text: f.required ? `${f.title} *` : f.title })),
  ]
  const keys = fields.filter((f) => used.has(f.name) && entity.actions.includes('update'))
  return (
    <div className="stack">
      <div className="row row-wrap">
        <strong className="grow">
          {uploaded.name} · {t('table.groupCount', { n: count(uploaded.rows) })}
        </strong>
        {uploaded.sheets.length > 1 && (
          <Select
            label={t('table.importSheet')}
            choices={uploaded.sheets.map((s) => ({ id: s, text: s }))}
            value={uploaded.sheet}
            onChange={(s) =>
              void uploadImport(app, entity.name, file, s)
                .then((u) => onSheet(file, u))
                .catch(toastProblem)
            }
          />
        )}
      </div>
      <section className="scroll-x" aria-label={t('table.importMapping')}>
        <table className="grid-table tv-mapping">
          <thead>
            <tr>
              <th scope="col">{t('table.importColumn')}</th>
              <th scope="col">{t('table.importSample')}</th>
              <th scope="col">{t('table.importField')}</th>
            </tr>
          </thead>
          <tbody>
            {headers.map((h, i) => (
              <tr key={`${h}${i}`}>
                <th scope="row">{h}</th>
                <td className="soft">
                  {sample
                    .slice(0, samples)
                    .map((r) => r[i])
                    .filter(Boolean)
                    .join(t('common.listSeparator'))}
                </td>
                <td>
                  <Select
                    label={`${t('table.importField')}: ${h}`}
                    hideLabel
                    choices={choices}
                    value={options.mapping[h] ?? skip}
                    onChange={(f) => put(h, f)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {keys.length > 0 && (
        <Select
          label={t('table.importKey')}
          choices={[{ id: skip, text: t('table.importNoKey') }, ...keys.map((f) => ({ id: f.name, text: f.title }))]}
          value={options.key || skip}
          onChange={(k) => change({ ...options, key: k === skip ? '' : k })}
        />
      )}
      {missing.length > 0 && (
        <p className="note-box warn" role="status">
          {t('table.importMissing', { fields: missing.map((f) => f.title).join(t('common.listSeparator')) })}
        </p>
      )}
      <div className="tv-wizardfoot">
        <Button onPress={onBack}>{t('table.importAgain')}</Button>
        <Button look="primary" isDisabled={used.size === 0} onPress={onNext}>
          {t('table.importCheck')}
        </Button>
      </div>
    </div>
  )
}
