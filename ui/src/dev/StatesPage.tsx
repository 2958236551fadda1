import { type ReactNode, useState } from 'react'
import { Problem } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Dialog, useConfirm } from '../kit/dialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'
import { setTheme, useTheme } from '../theme/theme.ts'
import { Buttons, Fields, SampleTable, SampleTabs, Tags, Uploads } from './Controls.tsx'
import { Screens } from './Screens.tsx'
import './dev.css'

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="dev-part" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

const problems = [
  new Problem(0, {}),
  new Problem(403, {}),
  new Problem(404, {}),
  new Problem(500, { code: 'internal', request_id: '0123456789abcdef' }),
]

function Boxes() {
  const boxes = [
    ['', 'info', t('dev.info')],
    ['ok', 'check', t('dev.ok')],
    ['warn', 'warning', t('dev.conflict')],
    ['danger', 'alert', t('dev.error')],
  ] as const
  return (
    <div className="stack">
      {boxes.map(([look, icon, text]) => (
        <p key={icon} className={`note-box ${look}`}>
          <Icon name={icon} size={18} /> {text}
        </p>
      ))}
      <p className="offline">
        <Icon name="wifi-off" /> {t('states.offlineBar')}
      </p>
    </div>
  )
}

function Dialogs() {
  const [open, setOpen] = useState<'narrow' | 'side'>()
  const { ask, asking } = useConfirm()
  const undo = { text: t('common.undo'), act: () => {} }
  return (
    <div className="row row-wrap">
      <Button onPress={() => setOpen('narrow')}>{t('dev.openDialog')}</Button>
      <Button onPress={() => setOpen('side')}>{t('dev.openSide')}</Button>
      <Button
        onPress={() =>
          void ask({ title: t('dev.openConfirm'), text: t('dev.warn'), action: t('common.delete'), danger: true })
        }
      >
        {t('dev.openConfirm')}
      </Button>
      <Button onPress={() => toast('ok', t('dev.ok'), { action: undo })}>{t('dev.toastOk')}</Button>
      <Button onPress={() => toast('info', t('dev.info'), { detail: t('dev.long') })}>{t('dev.toastInfo')}</Button>
      <Button onPress={() => toastProblem(problems[3])}>{t('dev.toastError')}</Button>
      {open && (
        <Dialog
          title={t('dev.sample')}
          look={open}
          open
          onClose={() => setOpen(undefined)}
          foot={
            <Button look="primary" onPress={() => setOpen(undefined)}>
              {t('common.done')}
            </Button>
          }
        >
          <p>{t('dev.long')}</p>
        </Dialog>
      )}
      {asking}
    </div>
  )
}

/** StatesPage shows every state that a screen can be in and every control, to be looked at in both themes. */
export function StatesPage() {
  const { lit } = useTheme()
  return (
    <main id="main" className="main" tabIndex={-1}>
      <Page
        title={t('dev.title')}
        note={t('dev.hint')}
        actions={
          <Button icon={lit === 'dark' ? 'sun' : 'moon'} onPress={() => setTheme(lit === 'dark' ? 'light' : 'dark')}>
            {t(lit === 'dark' ? 'common.themeLight' : 'common.themeDark')}
          </Button>
        }
      >
        <Part title={t('dev.screens')}>
          <Screens />
        </Part>
        <Part title={t('dev.loading')}>
          <div className="dev-grid">
            {(['lines', 'table', 'form', 'cards'] as const).map((shape) => (
              <div key={shape} className="card card-pad">
                <Skeleton shape={shape} rows={4} />
              </div>
            ))}
          </div>
        </Part>
        <Part title={t('dev.states')}>
          <div className="dev-grid">
            <div className="card">
              <Empty text={t('dev.info')}>
                <Button look="primary">{t('common.add')}</Button>
              </Empty>
            </div>
            {problems.map((p) => (
              <div key={p.status} className="card">
                <Failed error={p} retry={() => {}} />
              </div>
            ))}
          </div>
        </Part>
        <Part title={t('dev.boxes')}>
          <Boxes />
        </Part>
        <Part title={t('dev.buttons')}>
          <Buttons />
        </Part>
        <Part title={t('dev.fields')}>
          <Fields />
        </Part>
        <Part title={t('dev.uploads')}>
          <Uploads />
        </Part>
        <Part title={t('dev.tags')}>
          <Tags />
        </Part>
        <Part title={t('dev.tables')}>
          <SampleTable />
        </Part>
        <Part title={t('dev.tabs')}>
          <SampleTabs />
        </Part>
        <Part title={t('dev.dialogs')}>
          <Dialogs />
        </Part>
      </Page>
    </main>
  )
}
