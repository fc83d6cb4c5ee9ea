import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GateState } from '@selvedge/core';
import { createRandom, fitModel } from '@selvedge/models';

const CHILD = fileURLToPath(new URL('./site-child.ts', import.meta.url));
const PASSWORD = 'thirty kills and nothing lost';
/** A unit that the site does not take now is offered again after so long. */
const AGAIN_MS = 50;
/** Longest wait for anything that has to come. */
const PATIENCE_MS = 90_000;
export const BROUGHT = 'press-1';
export const WATCHED = 'press-2';

const yaml = (folder: string): string => `
site: { id: killed, name: Killed, origin: simulated, timezone: Etc/UTC }
folder: ${join(folder, 'data')}
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors:
  - { id: http, kind: http, path: /in/press }
  - { id: files, kind: folder, path: ${join(folder, 'in')} }
stations:
${[
  [BROUGHT, 'http', `, stream: ${BROUGHT}`],
  [WATCHED, 'files', ''],
]
  .map(
    ([id, connector, more]) => `  - id: ${id}
    name: ${id}
    line: north
    observation: { kind: row, columns: [height] }
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: ${connector}${more} }
    model: { file: ${join(folder, 'height.onnx')} }
    takt: { deadlineMs: 5000, otherwise: hold }
    ask: { deadlineMs: 15000, undoMs: 0 }
    doubleReadShare: 0`,
  )
  .join('\n')}
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;

/** A gate as a started site has it, with every row up to `seq`. */
export interface GateAt {
  readonly station: string;
  readonly seq: number;
  readonly state: GateState | null;
}

interface Started {
  readonly address: string;
  readonly code: string | null;
  readonly gates: readonly GateAt[];
}

/** The folder of a plant with one station that is brought its units and one that finds them in a folder. */
export async function makePlant(folder: string): Promise<void> {
  const observation = { kind: 'row', values: Float64Array.of(1) } as const;
  const model = await fitModel([{ id: 'a', label: 'good', observation }], { recipe: 'score', seed: 1 });
  const samples = [
    { row: [2], score: 2 },
    { row: [-1], score: -1 },
  ];
  const manifest = {
    ...{ name: 'height', input: 'row', inputShape: [1], outputs: ['score'] },
    golden: { tolerance: 1e-6, samples },
  };
  await mkdir(join(folder, 'in'), { recursive: true });
  await writeFile(join(folder, 'height.onnx'), model.onnx);
  await writeFile(join(folder, 'height.onnx.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'site.yaml'), yaml(folder));
}

/** What whoever brings units and answers questions knows: every unit, and the receipt of those that have one. */
export class Client {
  /** Receipts by unit. */
  readonly acknowledged = new Map<string, number>();
  readonly files: string[] = [];
  readonly gates: GateAt[] = [];
  /** Receipts of a unit that was brought again and got another number. */
  otherReceipts = 0;
  answers = 0;
  readonly #folder: string;
  readonly #heights = new Map<string, number>();
  readonly #random: ReturnType<typeof createRandom>;
  readonly #answerShare: number;
  #site: { child: ChildProcess; address: string } | null = null;
  #serial = 0;
  #token = '';
  #cookie = '';
  #csrf = '';
  #stopped = false;
  #bringing = 0;
  #loops: Promise<void>[] = [];

  constructor(folder: string, { seed, answerShare }: { seed: number; answerShare: number }) {
    this.#folder = folder;
    this.#random = createRandom(seed);
    this.#answerShare = answerShare;
  }

  /** Starts the site. With `killAfterMs` it is killed while it starts, unless it is quicker. */
  async start({ killAfterMs }: { killAfterMs?: number } = {}): Promise<boolean> {
    const child = spawn(
      process.execPath,
      ['--conditions=@selvedge/source', '--import', 'tsx', CHILD, join(this.#folder, 'site.yaml')],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stderr = '';
    child.stderr!.on('data', (chunk) => {
      stderr += chunk;
    });
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    const line = await new Promise<string | null>((resolve) => {
      let out = '';
      child.stdout!.on('data', (chunk) => {
        out += chunk;
        if (out.includes('\n')) resolve(out);
      });
      child.once('close', () => resolve(null));
    });
    clearTimeout(timer);
    if (line === null) {
      if (killAfterMs === undefined) throw new Error(`the site did not start: ${stderr}`);
      return false;
    }
    const { address, code, gates } = JSON.parse(line) as Started;
    this.gates.push(...gates);
    if (code !== null) await this.#setUp(address, code);
    else if (this.#cookie !== '') await this.#signIn(address);
    this.#site = { child, address };
    return true;
  }

  /** Ends the process without warning, or asks it to stop. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const site = this.#site;
    this.#site = null;
    if (site === null) return;
    const gone = new Promise((resolve) => site.child.once('close', resolve));
    site.child.kill(signal);
    await gone;
  }

  /** Signs a budget and brings and answers units until the gate decides alone. */
  async openGate(): Promise<void> {
    const budget = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' };
    const signed = await this.#post(`/api/stations/${BROUGHT}/sign`, {
      ...budget,
      plannedUnits: 150,
      reason: 'a trial',
    });
    if (!signed.ok) throw new Error(`the budget was not taken: ${await signed.text()}`);
    await Promise.all(Array.from({ length: 150 }, () => this.#bring()));
    const until = performance.now() + PATIENCE_MS;
    while ((await this.#gateName()) === 'shadow') {
      if (performance.now() > until) throw new Error('the gate did not open on its own evidence');
      await this.#answer(1);
    }
  }

  /** Begins to bring units and to answer questions, whether or not there is a site. */
  load({ hands, pauseMs }: { hands: number; pauseMs: number }): void {
    const loop = async (act: () => Promise<void>, everyMs: number): Promise<void> => {
      while (!this.#stopped) {
        await act();
        await wait(everyMs * (0.5 + this.#random.next()));
      }
    };
    for (let hand = 0; hand < hands; hand++) this.#loops.push(loop(() => this.#bring(), pauseMs));
    this.#loops.push(loop(() => this.#drop(), 4 * pauseMs));
    this.#loops.push(loop(() => this.#answer(this.#answerShare).catch(() => undefined), 100));
  }

  /** Stops bringing; resolves when every unit that was begun has its receipt. The site has to run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** Units that are on their way. */
  get bringing(): number {
    return this.#bringing;
  }

  /** Brings a few units again that were acknowledged: they have to get the receipt that they have. */
  async bringAgain(count: number): Promise<void> {
    const known = [...this.acknowledged.keys()];
    for (let n = 0; n < count && known.length > 0; n++) {
      const id = known[Math.floor(this.#random.next() * known.length)]!;
      // Another unit under the same id would be refused.
      await this.#offer(id, this.#heights.get(id)!);
    }
  }

  #unit(): { id: string; height: number } {
    const bad = this.#random.next() < 0.05;
    const id = `${bad ? 'bad' : 'good'}-${this.#serial++}`;
    const height = this.#random.normal() + (bad ? 8 : 0);
    this.#heights.set(id, height);
    return { id, height };
  }

  async #bring(): Promise<void> {
    const { id, height } = this.#unit();
    this.#bringing++;
    await this.#offer(id, height);
    this.#bringing--;
  }

  /** Offers one unit until it has a receipt, as equipment does. */
  async #offer(id: string, height: number): Promise<void> {
    for (;;) {
      const address = this.#site?.address;
      const response =
        address === undefined
          ? null
          : await fetch(`${address}/api/in/press/${BROUGHT}`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
              body: JSON.stringify({ id, row: [height] }),
            }).catch(() => null);
      // A receipt that the kill cut short is no receipt.
      const body = await response?.json().catch(() => null);
      if (response?.ok && body !== null) {
        const { seq } = body as { seq: number };
        const before = this.acknowledged.get(id);
        if (before !== undefined && before !== seq) this.otherReceipts++;
        this.acknowledged.set(id, seq);
        return;
      }
      if (response && response.status !== 503 && body !== null)
        throw new Error(`${id} was refused: ${JSON.stringify(body)}`);
      await wait(AGAIN_MS);
    }
  }

  /** A file in one piece, as equipment does that writes it elsewhere first. */
  async #drop(): Promise<void> {
    const { id, height } = this.#unit();
    const path = join(this.#folder, 'in', `${id}.csv`);
    await writeFile(`${path}.tmp`, `${height}\n`);
    await rename(`${path}.tmp`, path);
    this.files.push(id);
  }

  /** Answers a share of what is asked, rightly; the rest runs into its deadline. */
  async #answer(share: number): Promise<void> {
    if (this.#site === null) return;
    const response = await this.#get('/api/questions');
    if (!response.ok) return;
    const { questions } = (await response.json()) as { questions: { id: string; unit: string }[] };
    for (const { id, unit } of questions) {
      // The same units are left alone whenever they are looked at.
      if (Number(unit.split('-')[1]) % 100 >= 100 * share) continue;
      const label = unit.startsWith('bad') ? 'crack' : 'good';
      const said = await this.#post(`/api/questions/${id}/answer`, { label, by: 'touch', tookMs: 500 });
      if (said.ok) this.answers++;
    }
  }

  async #gateName(): Promise<string> {
    const { stations } = (await (await this.#get('/api/line')).json()) as {
      stations: { id: string; state: string }[];
    };
    return stations.find(({ id }) => id === BROUGHT)?.state ?? '';
  }

  async #setUp(address: string, code: string): Promise<void> {
    await this.#session(address, '/api/setup', { code, name: 'Ada', password: PASSWORD });
    const asked = { name: 'press', rights: ['bring'], endsAtMs: null };
    const made = await this.#post('/api/tokens', asked, address);
    this.#token = ((await made.json()) as { secret: string }).secret;
  }

  async #signIn(address: string): Promise<void> {
    const session = await this.#get('/api/session', address);
    const { csrf } = (await session.json().catch(() => ({}))) as { csrf?: string };
    if (session.ok && csrf !== undefined) this.#csrf = csrf;
    else await this.#session(address, '/api/sign-in', { name: 'Ada', password: PASSWORD });
  }

  async #session(address: string, path: string, body: object): Promise<void> {
    const response = await this.#post(path, body, address);
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = (await (await this.#get('/api/session', address)).json()) as { csrf: string };
    this.#csrf = session.csrf;
  }

  #get(path: string, address = this.#site?.address ?? ''): Promise<Response> {
    return fetch(address + path, { headers: { cookie: this.#cookie } });
  }

  #post(path: string, body: object, address = this.#site?.address ?? ''): Promise<Response> {
    return fetch(address + path, {
      method: 'POST',
      headers: { cookie: this.#cookie, 'x-csrf-token': this.#csrf, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
