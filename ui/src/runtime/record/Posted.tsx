import { Link } from '@tanstack/react-router'
import { useMeta } from '../../api/apps.ts'
import { label, t } from '../../i18n/i18n.ts'
import { Icon } from '../../kit/icon.tsx'
import { documentOf } from '../../meta/find.ts'
import type { Rec } from '../../meta/record.ts'

/** Posted leads from an entry of a ledger to the document that posted it; for other records there is nothing. */
export function Posted({ app, entity, record }: { app: string; entity: string; record: Rec }) {
  const document = documentOf(useMeta(app), entity, record)
  if (!document) return null
  return (
    <Link
      to="/a/$app/r/$entity/$id"
      params={{ app, entity: document.entity.name, id: document.id }}
      search={{}}
      className="btn btn-ghost btn-m"
    >
      <Icon name="right" size={16} />
      {t('record.openDocument', { what: label(document.entity.title, document.entity.name) })}
    </Link>
  )
}
