import { useState } from 'react'
import { bytes } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { Checkbox, Switch } from '../kit/check.tsx'
import { Combo } from '../kit/combo.tsx'
import { Select, TextField } from '../kit/field.tsx'
import { Menu } from '../kit/menu.tsx'
import { Secret } from '../kit/secret.tsx'
import { Tabs } from '../kit/tabs.tsx'
import { Avatar, Tag } from '../kit/tag.tsx'
import { OnItsWay } from '../runtime/form/files.tsx'
import '../runtime/form/form.css'

const colors = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'gray']
const three = [1, 2, 3]

/** Buttons are all looks and sizes of buttons, and a menu. */
export function Buttons() {
  const looks = ['primary', 'plain', 'ghost', 'danger'] as const
  return (
    <div className="stack">
      {([false, true] as const).map((off) => (
        <div key={String(off)} className="row row-wrap">
          {looks.map((look) => (
            <Button key={look} look={look} icon="save" isDisabled={off}>
              {t(`dev.${look}`)} {off && t('dev.disabled')}
            </Button>
          ))}
        </div>
      ))}
      <div className="row row-wrap">
        <Button size="s">{t('dev.small')}</Button>
        <Button size="l" look="primary">
          {t('dev.large')}
        </Button>
        <IconButton icon="pencil" label={t('common.edit')} />
        <IconButton icon="x" label={t('common.close')} size="s" />
        <IconButton icon="plus" label={t('common.add')} look="primary" />
        <Menu
          label={t('common.more')}
          button={<Button icon="more">{t('common.more')}</Button>}
          groups={[
            {
              id: 'one',
              title: t('dev.sample'),
              entries: [
                { id: 'a', text: t('common.edit'), icon: 'pencil', note: 'E' },
                { id: 'b', text: t('common.copy'), icon: 'copy', disabled: true, reason: t('states.deniedTitle') },
              ],
            },
            { id: 'two', entries: [{ id: 'c', text: t('common.delete'), icon: 'delete', danger: true }] },
          ]}
        />
      </div>
    </div>
  )
}

/** Fields are all inputs, plain, wrong and closed. */
export function Fields() {
  const [text, setText] = useState('')
  const [choice, setChoice] = useState<string | null>('1')
  const [on, setOn] = useState(true)
  const choices = three.map((n) => ({
    id: String(n),
    text: t('dev.option', { n }),
    note: n === 3 ? t('dev.hintText') : '',
  }))
  return (
    <div className="dev-grid">
      <TextField
        label={t('dev.label')}
        hint={t('dev.hintText')}
        placeholder={t('dev.sample')}
        value={text}
        onChange={setText}
      />
      <TextField label={t('dev.label')} isRequired error={t('dev.wrong')} defaultValue={t('dev.long')} />
      <TextField label={t('dev.label')} isDisabled defaultValue={t('dev.sample')} />
      <TextField label={t('entry.password')} type="password" autoComplete="off" defaultValue="1234" />
      <TextField label={t('dev.label')} rows={3} defaultValue={t('dev.long')} />
      <Select label={t('dev.label')} hint={t('dev.hintText')} choices={choices} value={choice} onChange={setChoice} />
      <Select label={t('dev.label')} error={t('dev.wrong')} choices={choices} value={null} onChange={setChoice} />
      <Combo label={t('common.search')} choices={choices} value={choice} onChange={setChoice} />
      <div className="stack">
        <Checkbox isSelected={on} onChange={setOn}>
          {t('dev.sample')}
        </Checkbox>
        <Checkbox isIndeterminate>{t('dev.sample')}</Checkbox>
        <Checkbox isDisabled>{t('dev.disabled')}</Checkbox>
        <Switch isSelected={on} onChange={setOn}>
          {t('dev.sample')}
        </Switch>
      </div>
      <Secret text="tnn_0123456789" label={t('entry.tokenMade')} />
    </div>
  )
}

/** Uploads are files on their way, and those that don't get through. */
export function Uploads() {
  const stop = (): void => {}
  const sample = t('dev.sample')
  return (
    <div className="files dev-uploads">
      <ul className="files-list">
        <OnItsWay s={{ key: 1, name: `${sample}.pdf`, share: 0.62, stop }} />
        <OnItsWay s={{ key: 2, name: `${t('dev.long')}.pdf`, stop }} />
        <OnItsWay
          s={{ key: 3, name: '', error: t('form.fileTooBig', { name: sample, most: bytes(20 << 20) }), stop }}
        />
        <OnItsWay s={{ key: 4, name: '', error: t('form.uploadCut'), again: stop, stop }} />
      </ul>
    </div>
  )
}

/** Tags are tags in all colours, and faces. */
export function Tags() {
  return (
    <div className="stack">
      <div className="row row-wrap">
        {colors.map((c) => (
          <Tag key={c} color={c}>
            {t('dev.sample')}
          </Tag>
        ))}
      </div>
      <div className="dev-narrow">
        <Tag color="blue">{t('dev.long')}</Tag>
      </div>
      <div className="row row-wrap">
        {colors.map((c) => (
          <Avatar key={c} name={c} size={32} />
        ))}
      </div>
    </div>
  )
}

/** SampleTable is a plain table. */
export function SampleTable() {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className="card scroll-x" aria-label={t('dev.sample')} tabIndex={0}>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('common.name')}</th>
            <th scope="col">{t('dev.label')}</th>
            <th scope="col" className="num">
              {t('dev.label')}
            </th>
          </tr>
        </thead>
        <tbody>
          {three.map((n) => (
            <tr key={n}>
              <td>{t('dev.option', { n })}</td>
              <td>
                <Tag color={colors[n]}>{t('dev.sample')}</Tag>
              </td>
              <td className="num">{n * 1000}.00</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** SampleTabs is a set of tabs. */
export function SampleTabs() {
  return (
    <Tabs
      label={t('dev.tabs')}
      tabs={three.map((n) => ({
        id: String(n),
        title: t('dev.option', { n }),
        content: <p>{t('dev.sample')}</p>,
      }))}
    />
  )
}
