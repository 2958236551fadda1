import type { Kept } from './answer.ts'

// What was typed and not saved is kept on this device, per person and record.

/** draftKey names a draft. */
export const draftKey = (me: string, app: string, entity: string, id: string | undefined): string =>
  `tenon.draft.${me}.${app}.${entity}.${id ?? 'new'}`

export function readDraft(key: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
    return kept && typeof kept.values === 'object' && Object.keys(kept.values).length > 0 ? kept : undefined
  } catch {
    return undefined
  }
}

/** writeDraft keeps a draft; a full disk loses the draft, never the form. */
export function writeDraft(key: string, kept: Kept): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept))
  } catch {
    localStorage.removeItem(key)
  }
}

export const dropDraft = (key: string): void => localStorage.removeItem(key)
