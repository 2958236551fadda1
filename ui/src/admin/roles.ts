import { useMutation } from '@tanstack/react-query'
import { type Role, setRole } from '../api/admin.ts'
import { released } from '../api/apps.ts'
import { meQuery } from '../api/me.ts'
import { queries } from '../api/query.ts'
import { t } from '../i18n/i18n.ts'
import { toast, toastProblem } from '../kit/toast.tsx'

/** useSetRole gives or withdraws roles of an app, and tells it. */
export function useSetRole(app: string) {
  const change = useMutation({
    mutationFn: ({ role, person, on }: { role: Role; person: { id: string; name: string }; on: boolean }) =>
      setRole(app, role.name, person.id, on),
    onSuccess: async (_, { role, person, on }) => {
      await queries.invalidateQueries({ queryKey: ['roles', app] })
      void released(app)
      void queries.invalidateQueries({ queryKey: meQuery.queryKey })
      const back = { text: t('common.undo'), act: () => change.mutate({ role, person, on: true }) }
      const text = t(on ? 'admin.roleGiven' : 'admin.roleTaken', { name: person.name, role: role.title })
      toast('ok', text, on ? {} : { action: back })
    },
    onError: toastProblem,
  })
  return change
}
