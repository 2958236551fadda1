import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Department, deleteDepartment, departmentsQuery, saveDepartment } from '../api/admin.ts'
import { queries } from '../api/query.ts'
import { t } from '../i18n/i18n.ts'
import { Button, IconButton } from '../kit/button.tsx'
import { useConfirm } from '../kit/dialog.tsx'
import { fieldErrors } from '../kit/errors.ts'
import { Select, TextField } from '../kit/field.tsx'
import { FormDialog } from '../kit/formDialog.tsx'
import { Icon } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { Page } from '../kit/page.tsx'
import { Empty, Failed, Skeleton } from '../kit/state.tsx'
import { toast, toastProblem } from '../kit/toast.tsx'
import { below, childrenOf, inOrder } from './tree.ts'

/** What the dialog is about: a department that is there, or a new one below parent ("" for the top). */
interface Editing {
  department?: Department
  parent: string
}

const top = 'top'

function Edit({ all, editing, onClose }: { all: Department[]; editing: Editing; onClose: () => void }) {
  const d = editing.department
  const [name, setName] = useState(d?.name ?? '')
  const [parent, setParent] = useState(editing.parent)
  const save = useMutation({
    mutationFn: () => saveDepartment(d?.id, { name, parent }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['departments'] })
      toast('ok', t('admin.departmentSaved'))
      onClose()
    },
  })
  const errors = fieldErrors(save.error, ['name', 'parent'])
  const barred = d ? below(all, d.id) : new Set<string>()
  const places = inOrder(all).filter((p) => !barred.has(p.department.id))
  return (
    <FormDialog
      title={t(d ? 'admin.departmentMove' : 'admin.departmentNew')}
      busy={save.isPending}
      error={errors['']}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t('admin.departmentName')}
        isRequired
        autoFocus
        value={name}
        onChange={setName}
        error={errors.name}
      />
      <Select
        label={t('admin.departmentParent')}
        choices={[
          { id: top, text: t('admin.departmentTop') },
          ...places.map((p) => ({ id: p.department.id, text: `${'\u2003'.repeat(p.depth)}${p.department.name}` })),
        ]}
        value={parent || top}
        onChange={(id) => setParent(id === top ? '' : id)}
        error={errors.parent}
      />
    </FormDialog>
  )
}

function Nodes({
  all,
  parent,
  onEdit,
  onDelete,
}: {
  all: Department[]
  parent: string | null
  onEdit: (e: Editing) => void
  onDelete: (d: Department) => void
}) {
  const here = childrenOf(all, parent)
  if (here.length === 0) return null
  return (
    <ul>
      {here.map((d) => (
        <li key={d.id}>
          <div className="admin-node">
            <Icon name="building" />
            <span className="grow">{d.name}</span>
            <IconButton
              icon="plus"
              label={t('admin.departmentUnder', { name: d.name })}
              onPress={() => onEdit({ parent: d.id })}
            />
            <Menu
              label={`${t('common.more')}: ${d.name}`}
              button={<IconButton icon="more" label={`${t('common.more')}: ${d.name}`} />}
              groups={[
                {
                  id: 'all',
                  entries: [
                    {
                      id: 'edit',
                      text: `${t('admin.departmentRename')} / ${t('admin.departmentMove')}`,
                      icon: 'pencil',
                      act: () => onEdit({ department: d, parent: d.parent ?? '' }),
                    },
                    { id: 'delete', text: t('common.delete'), icon: 'delete', danger: true, act: () => onDelete(d) },
                  ],
                },
              ]}
            />
          </div>
          <Nodes all={all} parent={d.id} onEdit={onEdit} onDelete={onDelete} />
        </li>
      ))}
    </ul>
  )
}

/** DepartmentsPage shows the departments as a tree, to add, rename, move and delete them. */
export function DepartmentsPage() {
  const { data, error, refetch } = useQuery(departmentsQuery)
  const [editing, setEditing] = useState<Editing>()
  const { ask, asking } = useConfirm()
  const remove = useMutation({
    mutationFn: deleteDepartment,
    onSuccess: () => {
      toast('ok', t('admin.departmentGone'))
      return queries.invalidateQueries({ queryKey: ['departments'] })
    },
    onError: toastProblem,
  })
  const gone = async (d: Department): Promise<void> => {
    const [title, text] = [t('admin.departmentDelete', { name: d.name }), t('admin.departmentDeleteHint')]
    if (await ask({ title, text, action: t('common.delete'), danger: true })) remove.mutate(d.id)
  }
  return (
    <Page
      title={t('admin.departments')}
      note={t('admin.departmentsHint')}
      actions={
        <Button look="primary" icon="plus" onPress={() => setEditing({ parent: '' })}>
          {t('admin.departmentNew')}
        </Button>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton />
      ) : data.length === 0 ? (
        <Empty icon="tree" title={t('admin.departmentsNone')} text={t('admin.departmentsHint')} />
      ) : (
        <section className="card card-pad admin-tree" aria-label={t('admin.tree')}>
          <Nodes all={data} parent={null} onEdit={setEditing} onDelete={(d) => void gone(d)} />
        </section>
      )}
      {editing && data && <Edit all={data} editing={editing} onClose={() => setEditing(undefined)} />}
      {asking}
    </Page>
  )
}
