import type { components } from './schema.d.ts'

/** What the platform's answers look like, by the names that its description gives them. */
export type Schemas = components['schemas']
