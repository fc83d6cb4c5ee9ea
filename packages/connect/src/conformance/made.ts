import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** What can keep a process alive, as Node calls it. */
const KINDS =
  /^(Timeout|Immediate|TCP\w*WRAP|PIPE\w*WRAP|UDPWRAP|TLSWRAP|PROCESSWRAP|FSEVENTWRAP|STATWATCHER|WORKER)$/;

interface Resource {
  hasRef?(): boolean;
}

/** Timers, sockets and the like that one piece of work made, and only those: what else runs in the process does not count. */
export class Made {
  readonly #inside = new AsyncLocalStorage<Made>();
  readonly #live = new Map<number, readonly [kind: string, resource: Resource]>();
  readonly #hook = createHook({
    init: (id, kind, _trigger, resource) => {
      if (KINDS.test(kind) && this.#inside.getStore() === this) this.#live.set(id, [kind, resource]);
    },
    destroy: (id) => this.#live.delete(id),
  });

  constructor() {
    this.#hook.enable();
  }

  within(work: () => Promise<void>): Promise<void> {
    return this.#inside.run(this, work);
  }

  /** Kinds of what is still there and not unreferenced. */
  left(): string[] {
    return [...this.#live.values()]
      .filter(([, resource]) => resource.hasRef?.() !== false)
      .map(([kind]) => kind);
  }

  end(): void {
    this.#hook.disable();
  }
}
