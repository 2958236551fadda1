import type { ReactNode } from 'react'
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components'

export interface TabEntry {
  id: string
  title: ReactNode
  content: ReactNode
}

/** Tabs shows one of several parts; the arrow keys move between them. */
export function Tabs({
  tabs,
  label,
  value,
  onChange,
}: {
  tabs: TabEntry[]
  label: string
  value?: string
  onChange?: (id: string) => void
}) {
  return (
    <AriaTabs className="tabs" selectedKey={value} onSelectionChange={onChange && ((k) => onChange(String(k)))}>
      <TabList className="tabs-list" aria-label={label}>
        {tabs.map((x) => (
          <Tab key={x.id} id={x.id} className="tabs-tab">
            {x.title}
          </Tab>
        ))}
      </TabList>
      {tabs.map((x) => (
        <TabPanel key={x.id} id={x.id}>
          {x.content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}
