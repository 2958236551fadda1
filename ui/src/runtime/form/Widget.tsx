import { type ComponentType, lazy, Suspense } from 'react'
import { t } from '../../i18n/i18n.ts'
import { Checkbox, Switch } from '../../kit/check.tsx'
import type { Kind } from '../../meta/types.ts'
import { ChoicesWidget, ChoiceWidget } from './choices.tsx'
import { CodeWidget } from './codes.tsx'
import { Frame, type WidgetProps } from './frame.tsx'
import { ListedWidget } from './listed.tsx'
import { DateWidget, DurationWidget, MomentWidget, TimeWidget } from './moments.tsx'
import { NumberWidget } from './numbers.tsx'
import { ReferenceWidget } from './references.tsx'
import { Plain } from './typed.tsx'

export type { WidgetProps } from './frame.tsx'

const FilesWidget = lazy(() => import('./files.tsx').then((m) => ({ default: m.FilesWidget })))
const RichEditor = lazy(() => import('./RichEditor.tsx').then((m) => ({ default: m.RichEditor })))
const RichText = lazy(() => import('./RichText.tsx').then((m) => ({ default: m.RichText })))
const JsonWidget = lazy(() => import('./JsonWidget.tsx').then((m) => ({ default: m.JsonWidget })))

function Bool(p: WidgetProps) {
  const shared = {
    isSelected: p.value === true,
    onChange: (v: boolean) => p.onChange(v),
    isDisabled: p.readOnly,
    autoFocus: p.autoFocus,
    'aria-label': p.label,
    onKeyDown: (e: { key: string }) => {
      if (e.key === 'Enter') p.onCommit?.()
    },
  }
  if (p.compact) return <Checkbox {...shared} />
  return (
    <Frame p={p} group>
      {(tied) => (
        <Switch {...shared} aria-describedby={tied['aria-describedby']}>
          <span aria-hidden>{t(p.value === true ? 'common.yes' : 'common.no')}</span>
        </Switch>
      )}
    </Frame>
  )
}

const text = (p: WidgetProps) => (p.field.choices ? <ListedWidget {...p} /> : <Plain p={p} />)
const ltr = (inputMode: 'email' | 'tel' | 'url') => ({ inputMode, spellCheck: false, dir: 'ltr' })

function Rich(p: WidgetProps) {
  if (!p.readOnly) return <RichEditor {...p} />
  return (
    <Frame p={p} group>
      {() => <RichText html={p.value == null ? '' : String(p.value)} />}
    </Frame>
  )
}

const widgets: Record<Kind, ComponentType<WidgetProps>> = {
  text,
  number: text,
  longtext: (p) => <Plain p={p} rows={p.compact ? 1 : 3} />,
  richtext: Rich,
  integer: NumberWidget,
  decimal: NumberWidget,
  money: NumberWidget,
  percent: NumberWidget,
  boolean: Bool,
  date: DateWidget,
  datetime: MomentWidget,
  time: TimeWidget,
  duration: DurationWidget,
  choice: ChoiceWidget,
  choices: ChoicesWidget,
  reference: ReferenceWidget,
  references: ReferenceWidget,
  tree: ReferenceWidget,
  user: ReferenceWidget,
  department: ReferenceWidget,
  file: FilesWidget,
  image: FilesWidget,
  barcode: CodeWidget,
  phone: (p) => <Plain p={p} input={ltr('tel')} />,
  email: (p) => <Plain p={p} input={ltr('email')} />,
  link: (p) => <Plain p={p} input={ltr('url')} />,
  json: JsonWidget,
  lines: () => null, // lines are a table of their own: see lines/
}

const heavy: ReadonlySet<Kind> = new Set<Kind>(['file', 'image', 'richtext', 'json'])

/** Widget edits a value of any kind. Values are what the API speaks: decimals and dates are texts, references are ids. */
export function Widget(p: WidgetProps) {
  const Chosen = widgets[p.field.kind] ?? text
  if (!heavy.has(p.field.kind)) return <Chosen {...p} />
  return (
    <Suspense fallback={<span className="bone" />}>
      <Chosen {...p} />
    </Suspense>
  )
}
