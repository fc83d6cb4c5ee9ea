import { type LinkState, opcUa, opcUaConfig, tagSchema } from '@selvedge/connect';

/** What the counting client tells its parent. */
export interface Counted {
  readonly values: number;
  /** Counts that a tag jumped over: values that did not arrive. */
  readonly missing: number;
  /** Values that were not newer than the one before. */
  readonly repeated: number;
  readonly notGood: number;
  /** Gaps that the connector itself told of. */
  readonly gapsTold: number;
  /** Lowest and highest last count over all tags. */
  readonly last: readonly [number, number];
  readonly tagsSeen: number;
  readonly epochs: number;
  readonly notUp: number;
  /** Since the first value. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

/** The client of a study, in its own process: every tag carries a count, so each value that is missing is seen. */
async function main([
  endpoint = '',
  namespace = '',
  count = '0',
  folder = '',
]: readonly string[]): Promise<void> {
  const tags = Array.from({ length: Number(count) }, (_, n) =>
    tagSchema.parse({ tag: `t${n}`, address: `nsu=${namespace};s=t${n}`, type: 'uint32', sampleMs: 100 }),
  );
  const config = opcUaConfig.parse({
    endpoint,
    security: 'None',
    unsecured: 'accepted',
    sampling: 'every-change',
    publishMs: 100,
  });
  const stop = new AbortController();
  const link = await opcUa.open(config, {
    signal: stop.signal,
    nowMs: Date.now,
    steadyMs: () => performance.now(),
    random: Math.random,
    secret: async (name) => {
      throw new Error(`there is no secret ${name}`);
    },
    folder,
    log: () => {},
  });
  const last = new Map<string, number>();
  const seen = { values: 0, missing: 0, repeated: 0, notGood: 0, gapsTold: 0, epochs: 0, notUp: 0 };
  let from: { at: number; cpu: NodeJS.CpuUsage } | null = null;
  const tell = (): void => {
    if (from === null) return;
    const { user, system } = process.cpuUsage(from.cpu);
    const counts = [...last.values()];
    const counted: Counted = {
      ...seen,
      last: [Math.min(...counts), Math.max(...counts)],
      tagsSeen: last.size,
      seconds: (performance.now() - from.at) / 1000,
      cpuSeconds: (user + system) / 1e6,
      rssMegabytes: Math.round(process.memoryUsage().rss / 1e6),
    };
    process.send?.(counted);
  };
  setInterval(tell, 1_000).unref();
  process.on('disconnect', () => process.exit(0));
  void (async () => {
    let epoch = '';
    let wasUp = false;
    for await (const state of link.states() as AsyncIterable<LinkState>) {
      if (state.epoch !== epoch) seen.epochs += 1;
      epoch = state.epoch;
      if (wasUp && state.state !== 'up') seen.notUp += 1;
      wasUp ||= state.state === 'up';
    }
  })();
  for await (const { items, ack } of link.batches(tags)) {
    for (const item of items) {
      if (item.kind === 'gap') seen.gapsTold += 1;
      if (item.kind !== 'sample') continue;
      if (item.quality !== 'good' || typeof item.value !== 'number') {
        seen.notGood += 1;
        continue;
      }
      const before = last.get(item.tag);
      last.set(item.tag, item.value);
      if (before === undefined) continue;
      from ??= { at: performance.now(), cpu: process.cpuUsage() };
      seen.values += 1;
      if (item.value <= before) seen.repeated += 1;
      else seen.missing += item.value - before - 1;
    }
    await ack();
  }
}

await main(process.argv.slice(2));
