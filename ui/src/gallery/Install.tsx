import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'
import { meQuery } from '../api/me.ts'
import { problemOf } from '../api/problem.ts'
import { queries } from '../api/query.ts'
import { installTemplate, type Named, type TemplatePreview } from '../api/templates.ts'
import { count } from '../i18n/format.ts'
import { label, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { TextField } from '../kit/field.tsx'
import { Icon } from '../kit/icon.tsx'
import { toast } from '../kit/toast.tsx'

const tick = 400
// How long the steps usually take, in ticks. The bar never claims to be done before the server is.
const usual = { empty: 8, demo: 40 }
const nearlyDone = 95

/** Working tells how far the installation probably is: the server answers once it is done, all or nothing. */
function Working({ of: x, demo }: { of: TemplatePreview; demo: boolean }) {
  const [ticks, setTicks] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setTicks((n) => n + 1), tick)
    return () => clearInterval(timer)
  }, [])
  const all = demo ? usual.demo : usual.empty
  const part = Math.round(nearlyDone * (1 - Math.exp((-2 * ticks) / all)))
  const step =
    part < (demo ? 15 : 60)
      ? t('gallery.workTables', { n: x.entities.length })
      : demo && part < 80
        ? t('gallery.workDemo')
        : t('gallery.workEnd')
  return (
    <div className="stack gallery-working" role="status">
      <strong>{step}</strong>
      <progress className="gallery-progress" max={100} value={part} aria-label={t('gallery.working')} />
      <p className="soft">{t('gallery.workHint')}</p>
    </div>
  )
}

function Choose({ of: x, demo, onChange }: { of: TemplatePreview; demo: boolean; onChange: (demo: boolean) => void }) {
  const n = x.demo.records
  return (
    <RadioGroup className="stack" value={demo ? 'demo' : 'empty'} onChange={(v) => onChange(v === 'demo')}>
      <Label className="gallery-question">{t('gallery.dataTitle')}</Label>
      <Radio value="demo" className="gallery-choice">
        <span className="gallery-radio" aria-hidden />
        <span>
          <strong>{t('gallery.demoYes')}</strong>
          <span className="soft">{n ? t('gallery.demoYesHint', { n: count(n) }) : t('gallery.demoYesPlain')}</span>
        </span>
      </Radio>
      <Radio value="empty" className="gallery-choice">
        <span className="gallery-radio" aria-hidden />
        <span>
          <strong>{t('gallery.demoNo')}</strong>
          <span className="soft">{t('gallery.demoNoHint')}</span>
        </span>
      </Radio>
    </RadioGroup>
  )
}

/** Names asks what a second app of the same template is called. */
function Names({ as, error, onChange }: { as: Named; error?: string; onChange: (as: Named) => void }) {
  return (
    <div className="stack">
      <TextField
        label={t('gallery.appTitle')}
        value={as.title}
        onChange={(title) => onChange({ ...as, title })}
        isRequired
        maxLength={100}
      />
      <TextField
        label={t('gallery.appName')}
        hint={t('gallery.appNameHint')}
        error={error}
        value={as.name}
        onChange={(name) => onChange({ ...as, name })}
        isRequired
        maxLength={40}
      />
    </div>
  )
}

function Rights({ of: x }: { of: TemplatePreview }) {
  const role = x.roles.find((r) => r.installer)
  const said = [
    ['table', t('gallery.workTables', { n: x.entities.length })],
    ['shield', role ? t('gallery.rightsYou', { role: label(role.title) }) : t('gallery.rightsYouPlain')],
    ['users', t('gallery.rightsOthers')],
    ['lock', t('gallery.rightsData')],
  ] as const
  return (
    <div className="stack">
      <h3>{t('gallery.rightsTitle')}</h3>
      <ul className="stack">
        {said.map(([icon, text]) => (
          <li key={icon} className="row gallery-said">
            <Icon name={icon} size={18} /> <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const nameOf = (e: unknown): boolean => problemOf(e).errors.some((x) => x.pointer === '/name')

/** Install asks what is needed, installs, and opens the app. */
export function Install({ of: x, onClose }: { of: TemplatePreview; onClose: () => void }) {
  const navigate = useNavigate()
  const [step, setStep] = useState<'data' | 'rights'>('data')
  const [as, setAs] = useState<Named | undefined>(
    x.conflict ? { name: `${x.name}_2`, title: `${label(x.title)} 2` } : undefined,
  )
  const [demo, setDemo] = useState(x.demo.records > 0)
  const install = useMutation({
    mutationFn: () => installTemplate(x.name, demo, as),
    onSuccess: async (done) => {
      await queries.invalidateQueries({ queryKey: meQuery.queryKey })
      for (const key of ['apps', 'templates', 'todos']) void queries.invalidateQueries({ queryKey: [key] })
      toast('ok', t('gallery.ready', { name: done.title }))
      void navigate({ to: '/a/$app', params: { app: done.app } })
    },
  })
  const problem = install.error && problemOf(install.error)
  const taken = as && problem?.errors.find((e) => e.pointer === '/name')
  const named = !as || (as.name !== '' && as.title.trim() !== '')
  const busy = install.isPending || install.isSuccess
  return (
    <Dialog
      title={t('gallery.wizard', { name: label(x.title) })}
      open
      dismissable={!busy}
      onClose={() => !busy && onClose()}
      foot={
        busy ? undefined : step === 'data' ? (
          <>
            <Button onPress={onClose}>{t('common.cancel')}</Button>
            <Button look="primary" isDisabled={!named} onPress={() => setStep('rights')}>
              {t('common.next')}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={() => setStep('data')}>{t('common.previous')}</Button>
            <Button
              look="primary"
              autoFocus
              onPress={() => install.mutate(undefined, { onError: (e) => nameOf(e) && setStep('data') })}
            >
              {t('gallery.go')}
            </Button>
          </>
        )
      }
    >
      {problem && !taken && !busy && (
        <p className="note-box danger gallery-note" role="alert">
          {problem.errors[0]?.message || problem.detail} {problem.errors[0]?.cure}
        </p>
      )}
      {busy ? (
        <Working of={x} demo={demo} />
      ) : step === 'data' ? (
        <div className="stack gallery-step">
          {as && <Names as={as} error={taken && `${taken.message} ${taken.cure ?? ''}`} onChange={setAs} />}
          <Choose of={x} demo={demo} onChange={setDemo} />
        </div>
      ) : (
        <Rights of={x} />
      )}
    </Dialog>
  )
}
