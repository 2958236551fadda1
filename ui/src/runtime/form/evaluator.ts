import type { Answer, Sent } from './answer.ts'
import type { FormStore } from './store.ts'

/** Asks the engine about a form as it stands. */
export type Ask = (
  values: Record<string, unknown>,
  changed: string[] | undefined,
  signal: AbortSignal,
) => Promise<Answer>

/** Evaluator keeps a form up to date with the engine while somebody types: after a short rest, one question at a time, the
 * earlier one given up. */
export class Evaluator {
  private timer: ReturnType<typeof setTimeout> | undefined
  private running: AbortController | undefined
  private seq = 0
  private waiters: (() => void)[] = []

  constructor(
    private readonly store: FormStore,
    private readonly ask: Ask,
    private readonly failed: (e: unknown) => void = () => {},
    private readonly rest = 150,
  ) {}

  /** poke says that something has changed. */
  poke(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.now(), this.rest)
  }

  /** now asks at once. */
  async now(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    this.running?.abort()
    const stop = new AbortController()
    this.running = stop
    const mine = ++this.seq
    const { values, sent }: { values: Record<string, unknown>; sent: Sent } = this.store.patch()
    try {
      const a = await this.ask(values, this.store.scold ? undefined : this.store.touchedNames(), stop.signal)
      if (mine === this.seq) this.store.take(a, sent)
    } catch (e) {
      if (mine === this.seq && !stop.signal.aborted) this.failed(e)
    } finally {
      if (mine === this.seq) {
        this.running = undefined
        for (const w of this.waiters.splice(0)) w()
      }
    }
  }

  /** settled waits until no question is open. */
  settled(): Promise<void> {
    if (!this.timer && !this.running) return Promise.resolve()
    return new Promise((done) => this.waiters.push(done))
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.seq++
    this.running?.abort()
    this.running = undefined
    for (const w of this.waiters.splice(0)) w()
  }
}
