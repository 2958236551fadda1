/** Listeners calls those who want to know about something, by its name. */
export class Listeners {
  private readonly byName = new Map<string, Set<() => void>>()

  on(name: string, f: () => void): () => void {
    let set = this.byName.get(name)
    if (!set) {
      set = new Set()
      this.byName.set(name, set)
    }
    set.add(f)
    return () => set.delete(f)
  }

  protected call(names: string[]): void {
    for (const n of new Set(names)) for (const f of this.byName.get(n) ?? []) f()
  }
}
