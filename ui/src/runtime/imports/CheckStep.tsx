import { Label, Radio, RadioGroup } from 'react-aria-components'
import { count } from '../../i18n/format.ts'
import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { BadRows } from './BadRows.tsx'
import type { Options, Preview, Upload } from './job.ts'
import { Records } from './Records.tsx'

interface Props {
  app: string
  entity: string
  upload: Upload
  options: Options
  onOptions: (o: Options) => void
  found: Preview
  busy: boolean
  onBack: () => void
  onCheck: () => void
  onRun: () => void
}

/** CheckStep shows what an import would do, and every problem at its cell, where it can be corrected. */
export function CheckStep({ app, entity, upload, options, onOptions, found, busy, onBack, onCheck, onRun }: Props) {
  const good = found.create + found.update
  const all = found.checked >= found.total || !found.next_offset
  const skipping = options.mode === 'skip_bad'
  return (
    <div className="stack imp-fill">
      <ul className="imp-sums">
        <li className="imp-sum imp-good">
          <Icon name="check" /> {t('imports.good', { n: count(good) })}
        </li>
        {found.create > 0 && <li className="imp-sum">{t('imports.willCreate', { n: count(found.create) })}</li>}
        {found.update > 0 && <li className="imp-sum">{t('imports.willUpdate', { n: count(found.update) })}</li>}
        {found.bad > 0 && (
          <li className="imp-sum imp-bad">
            <Icon name="alert" /> {t('imports.badRows', { n: count(found.bad) })}
          </li>
        )}
      </ul>
      {!all && (
        <p className="soft">{t('imports.checkedFirst', { n: count(found.checked), total: count(found.total) })}</p>
      )}
      {!!found.records?.length && (
        <Records app={app} entity={entity} upload={upload} mapping={options.mapping} found={found} />
      )}
      {found.rows.length > 0 && (
        <>
          <div className="row row-wrap">
            <p className="soft grow">{t('imports.fixHint')}</p>
            <Button icon="refresh" isDisabled={busy} onPress={onCheck}>
              {t('imports.recheck')}
            </Button>
          </div>
          <BadRows
            upload={upload}
            rows={found.rows}
            corrections={options.corrections}
            onCorrect={(corrections) => onOptions({ ...options, corrections })}
          />
          {found.bad > found.listed && <p className="soft">{t('imports.onlyFirst', { n: found.listed })}</p>}
        </>
      )}
      {(found.bad > 0 || !all) && (
        <RadioGroup
          className="imp-modes"
          value={options.mode}
          onChange={(mode) => onOptions({ ...options, mode: mode as Options['mode'] })}
        >
          <Label className="field-label">{t('imports.mode')}</Label>
          <Radio value="all_or_nothing" className="imp-radio">
            {t('imports.modeAll')}
          </Radio>
          <Radio value="skip_bad" className="imp-radio">
            {t('imports.modeSkip')}
          </Radio>
        </RadioGroup>
      )}
      <div className="imp-foot">
        <Button isDisabled={busy} onPress={onBack}>
          {t('common.previous')}
        </Button>
        <Button look="primary" isDisabled={busy || (found.bad > 0 && !skipping) || (good === 0 && all)} onPress={onRun}>
          {t('imports.run')}
        </Button>
      </div>
    </div>
  )
}
