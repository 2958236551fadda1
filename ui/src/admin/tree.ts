import type { Department } from '../api/admin.ts'

/** A department and how deep it stands. */
export interface Placed {
  department: Department
  depth: number
}

/** childrenOf lists what stands directly below a department (null: at the top), in order. */
export function childrenOf(all: Department[], parent: string | null): Department[] {
  return all.filter((d) => d.parent === parent).sort((a, b) => a.position - b.position || a.name.localeCompare(b.name))
}

/** inOrder lists all departments as a tree reads: each before what is below it. */
export function inOrder(all: Department[], parent: string | null = null, depth = 0): Placed[] {
  return childrenOf(all, parent).flatMap((d) => [{ department: d, depth }, ...inOrder(all, d.id, depth + 1)])
}

/** below is a department and all that is below it: where it can't be moved to. */
export function below(all: Department[], id: string): Set<string> {
  return new Set([id, ...inOrder(all, id).map((p) => p.department.id)])
}
