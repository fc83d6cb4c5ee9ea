import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startSunSpecMeter } from '@selvedge/connect';
import { drawPlant, type Plant } from '../line/plant.js';
import { type ControlPort, type Moment, openControlPort } from './control-port.js';
import { opcUaFace, sparkplugFace } from './faces.js';
import { Ledger } from './ledger.js';
import { machineTags } from './line-tags.js';
import { MachinePost, type MachineState } from './machine-post.js';
import { SeamCamera } from './seam-camera.js';

export interface LineOptions {
  readonly seed: number;
  /** Two plants that are drawn differently from the same priors. */
  readonly plant: 'a' | 'b';
  /** Seconds of the line in one second of the clock. */
  readonly speed: number;
  /** 0: a free one. */
  readonly opcUaPort: number;
  /** Broker; its version is 5 where none is given. */
  readonly mqttUrl: string;
  readonly mqttVersion?: 4 | 5;
  readonly modbusPort: number;
  readonly controlPort: number;
  /** Of the line itself: ledger, rack, certificates. */
  readonly folder: string;
  readonly pictures: boolean;
  /** Stands still until somebody says `go` at the control port. */
  readonly paused?: boolean;
  readonly patienceMs?: number;
  readonly againMs?: number;
  /** For so long after its start machine 1 trusts the first client that it does not know, if it trusts none yet. */
  readonly commissioningMs?: number;
}

export interface RunningLine {
  readonly opcUa: string;
  readonly modbusPort: number;
  readonly controlPort: number;
  /** As the plant is drawn. */
  readonly plant: Plant;
  state(): LineState;
  close(): Promise<void>;
}

export interface LineState {
  readonly made: Readonly<Record<string, number>>;
  readonly waiting: Readonly<Record<string, number>>;
  readonly energyWattHour: number;
}

const PATIENCE_MS = 1000;
const AGAIN_MS = 20_000;
const COMMISSIONING_MS = 120_000;
/** W of one machine by its state: assumed (a servo drive of 550 W, its control, its standby). */
const POWER: Readonly<Record<MachineState, number>> = { sewing: 420, idle: 95, standby: 30 };
const METER_MS = 200;

/** Seed of a plant's draw: a and b are two plants of the same priors. */
export const plantSeed = (seed: number, plant: 'a' | 'b'): number => seed * 2 + (plant === 'a' ? 0 : 1);

/**
 * A line of two machines as a process of its own: machine 1 over OPC UA with cushions and the safety seam, machine 2 over
 * Sparkplug B with cushions alone, and one meter over Modbus.
 */
export async function runLine(options: LineOptions): Promise<RunningLine> {
  const { seed, plant: letter, speed, folder, mqttUrl, patienceMs, againMs } = options;
  mkdirSync(folder, { recursive: true });
  const ledger = Ledger.open(folder, () => Date.now());
  const run = ledger.rows.reduce((n, row) => (row.kind === 'run' ? n + 1 : n), 1);
  takeOut(ledger);
  ledger.write('line', { kind: 'run', run, seed, plant: letter });
  const stop = new AbortController();
  const plant = drawPlant(plantSeed(seed, letter));
  const cushions: Plant = { ...plant, parts: plant.parts.filter(({ safety }) => !safety) };
  const camera = options.pictures ? new SeamCamera() : null;
  const posts = [plant, cushions].map((of, index) => {
    const about = { name: `${letter}${run}`, index, ledger, folder, camera, speed, signal: stop.signal };
    const waits = { patienceMs: patienceMs ?? PATIENCE_MS, againMs: againMs ?? AGAIN_MS };
    const post = new MachinePost({ ...about, ...waits, plant: of, steadyMs: () => performance.now() });
    post.pause(options.paused ?? false);
    return post;
  });
  const [one, two] = posts as [MachinePost, MachinePost];
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    stop.abort();
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const opcUa = await opcUaFace({
      ...{ port: options.opcUaPort, folder: own(folder, 'opc-ua'), machine: one.id, plant: letter },
      ...{ tags: machineTags({ safety: true }), onWrite: one.onWrite, signal: stop.signal },
      commissioningMs: options.commissioningMs ?? COMMISSIONING_MS,
    });
    closers.push(() => opcUa.close());
    const sparkplug = sparkplugFace({
      ...{ url: mqttUrl, version: options.mqttVersion ?? 5, folder: own(folder, 'sparkplug') },
      ...{ plant: letter, machine: two.id, tags: machineTags({ safety: false }), onWrite: two.onWrite },
    });
    closers.push(() => sparkplug.close());
    const meter = await startSunSpecMeter({
      port: options.modbusPort,
      serial: `SIM-${letter}`,
      powerScale: 0,
    });
    closers.push(() => meter.close());
    one.attach(opcUa);
    two.attach({ ...sparkplug, set: (values) => sparkplug.set(known(values)) });
    let energyWattHour = 0;
    const ticking = setInterval(() => {
      const power = posts.reduce((sum, { state }) => sum + POWER[state], 0);
      const taken = (power * (METER_MS / 1000) * speed) / 3600;
      energyWattHour += taken;
      meter.advance(power, taken);
    }, METER_MS);
    closers.push(async () => clearInterval(ticking));
    const state = (): LineState => ({
      made: Object.fromEntries(posts.map((post) => [post.id, post.made])),
      waiting: Object.fromEntries(posts.map((post) => [post.id, post.waiting])),
      energyWattHour,
    });
    const control: ControlPort = await openControlPort(options.controlPort, (moment) =>
      obey(moment, { posts, ledger, state }),
    );
    closers.push(() => control.close());
    const running = Promise.all(posts.map((post) => post.run()));
    closers.unshift(async () => ledger.close());
    closers.push(() => running);
    return {
      ...{ opcUa: opcUa.endpoint, modbusPort: meter.server.port, controlPort: control.port },
      ...{ plant, state, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A cover that lay under the foot when the last run ended is taken out by hand. */
function takeOut(ledger: Ledger): void {
  const open = new Map<string, string>();
  for (const row of ledger.rows) {
    if (row.kind === 'begun') open.set(row.unit, row.machine);
    if (row.kind === 'made' || row.kind === 'spoilt') open.delete(row.unit);
  }
  for (const [unit, machine] of open) ledger.write(machine, { kind: 'spoilt', unit });
}

function obey(
  moment: Moment,
  { posts, ledger, state }: { posts: readonly MachinePost[]; ledger: Ledger; state: () => LineState },
): object {
  if (moment.do === 'state') return state();
  ledger.write('line', { kind: 'moment', what: JSON.stringify(moment) });
  if (moment.do === 'go' || moment.do === 'pause')
    for (const post of posts) post.pause(moment.do === 'pause');
  else if (moment.do === 'slow') for (const post of posts) post.slow(moment.factor, moment.seams);
  else if (moment.do === 'finish') for (const post of posts) post.finish();
  else {
    const post = posts.find(({ id }) => id === moment.machine);
    if (post === undefined) throw new RangeError(`there is no machine ${moment.machine}`);
    if (moment.do === 'skip') post.machine.skipNext();
    else if (moment.do === 'thread-lot') post.machine.newThread(moment.friction ?? 1.4);
    else if (moment.do === 'template') post.machine.newTemplate(moment.miss ?? 0.5);
    else throw new RangeError('go, pause, finish, state, slow, thread-lot, template or skip');
  }
  return { done: true };
}

/** Machine 2 has no safety seam: what its desk says of one goes nowhere. */
function known<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([tag]) => !tag.startsWith('tear/')));
}

function own(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}
