import { queryOptions } from '@tanstack/react-query'
import type { Label } from '../i18n/i18n.ts'
import type { Kind, MenuMeta, ViewType } from '../meta/types.ts'
import { call, path } from './client.ts'
import type { Schemas } from './schemas.ts'

export type TemplateCard = Schemas['Template']

type Detail = Schemas['TemplateDetail']
type DetailEntity = Detail['entities'][number]

export type TemplateField = DetailEntity['fields'][number] & { kind: Kind }
export type TemplateEntity = Omit<DetailEntity, 'fields'> & { fields: TemplateField[] }
export type TemplateRole = Detail['roles'][number]

/** A template as it is looked at before it is installed. */
export type TemplatePreview = Omit<Detail, 'entities' | 'views' | 'menu' | 'sample'> & {
  entities: TemplateEntity[]
  views: { name: string; title: Label; type: ViewType; entity?: string }[]
  menu: MenuMeta[]
  sample: Record<string, Record<string, unknown>[]>
}

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: async () => (await call<{ templates: TemplateCard[] }>('GET', '/templates')).templates,
})

export const templateQuery = (name: string) =>
  queryOptions({
    queryKey: ['templates', name],
    queryFn: () => call<TemplatePreview>('GET', `/templates${path(name)}`),
  })

/** installTemplate makes an app of a template, under another name and title where they are given. With demo data it takes
 * some seconds. */
export const installTemplate = (template: string, demo: boolean, as?: Named): Promise<Schemas['Installed']> =>
  call('POST', '/apps', { body: { template, demo, ...as } })

/** What an app is called: in addresses, and to people. */
export interface Named {
  name: string
  title: string
}
