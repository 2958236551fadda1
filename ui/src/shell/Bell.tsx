import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { unreadQuery } from '../api/inbox.ts'
import { count } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../kit/icon.tsx'

const most = 99

/** Bell leads to the inbox and says how many messages wait there. */
export function Bell() {
  const { data: n = 0 } = useQuery(unreadQuery)
  const text = n > 0 ? t('shell.inboxUnread', { n: count(n) }) : t('shell.inbox')
  return (
    <Link to="/inbox" className="btn btn-icon btn-ghost btn-m bell" aria-label={text} title={text}>
      <Icon name="bell" size={18} />
      {n > 0 && (
        <span className="bell-count" aria-hidden>
          {n > most ? `${most}+` : n}
        </span>
      )}
    </Link>
  )
}
