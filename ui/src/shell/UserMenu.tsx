import { useNavigate } from '@tanstack/react-router'
import { call } from '../api/client.ts'
import { forgetAll, meQuery, useMe } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { type Locale, languageNames, locale, locales, setLocale, t } from '../i18n/i18n.ts'
import { Button } from '../kit/button.tsx'
import { Menu } from '../kit/menu.tsx'
import { Avatar } from '../kit/tag.tsx'
import { toastProblem } from '../kit/toast.tsx'
import { setTheme, useTheme } from '../theme/theme.ts'

async function logout(): Promise<void> {
  await call('DELETE', '/sessions/current').catch(() => {})
  forgetAll()
  location.assign('/login')
}

function speak(l: Locale): void {
  void setLocale(l)
  call('PATCH', '/me', { body: { locale: l } })
    .then(() => queries.invalidateQueries({ queryKey: meQuery.queryKey }))
    .catch(toastProblem)
}

/** UserMenu is what a person sets for himself, and the ways to what isn't in the bar on a phone. */
export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe()
  const navigate = useNavigate()
  const { chosen } = useTheme()
  const themes = [
    ['system', t('common.themeSystem')],
    ['light', t('common.themeLight')],
    ['dark', t('common.themeDark')],
  ] as const
  return (
    <Menu
      label={t('shell.user')}
      button={
        <Button look="ghost" aria-label={`${t('shell.user')}: ${me.name}`} className="bar-user">
          <Avatar name={me.name} />
        </Button>
      }
      groups={[
        {
          id: 'me',
          title: me.name,
          entries: [
            { id: 'account', text: t('entry.account'), icon: 'user', act: () => void navigate({ to: '/account' }) },
            { id: 'gallery', text: t('shell.gallery'), icon: 'store', act: () => void navigate({ to: '/gallery' }) },
            ...(me.admin
              ? [{ id: 'admin', text: t('shell.admin'), icon: 'shield', act: () => void navigate({ to: '/admin' }) }]
              : []),
            { id: 'help', text: t('shell.help'), icon: 'keyboard', act: onHelp },
          ],
        },
        {
          id: 'language',
          title: t('common.language'),
          entries: locales.map((l) => ({
            id: l,
            text: languageNames[l],
            checked: l === locale(),
            act: () => speak(l),
          })),
        },
        {
          id: 'theme',
          title: t('common.theme'),
          entries: themes.map(([id, text]) => ({ id, text, checked: id === chosen, act: () => setTheme(id) })),
        },
        { id: 'out', entries: [{ id: 'logout', text: t('entry.logout'), icon: 'logout', act: () => void logout() }] },
      ]}
    />
  )
}
