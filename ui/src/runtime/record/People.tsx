import { t } from '../../i18n/i18n.ts'
import { Button } from '../../kit/button.tsx'
import { Avatar } from '../../kit/tag.tsx'
import { Tip } from '../../kit/tip.tsx'
import { useWhole } from '../form/useForm.ts'
import { usePresence } from './presence.ts'
import type { Session } from './session.ts'

/** People are the others who look at a record. */
export function People({ app, entity, id, session }: { app: string; entity: string; id: string; session: Session }) {
  const dirty = useWhole(session.store, () => session.store.dirty)
  const people = usePresence(app, entity, id, dirty)
  if (people.length === 0) return null
  return (
    <ul className="people" aria-label={t('record.people')}>
      {people.map((p) => {
        const text = t(p.mode === 'editing' ? 'record.isEditing' : 'record.isViewing', { who: p.name })
        return (
          <li key={p.id}>
            <Tip text={text}>
              <Button look="ghost" className={`person person-${p.mode}`} aria-label={text}>
                <Avatar name={p.name} />
              </Button>
            </Tip>
          </li>
        )
      })}
    </ul>
  )
}
