import { connect } from 'node:net';
import type { LineState, Moment } from '@selvedge/pack-seat-sewing';
import { Child } from './child.js';

export interface LineChildOptions {
  readonly seed: number;
  readonly plant: 'a' | 'b';
  readonly speed: number;
  readonly mqttUrl: string;
  readonly mqttVersion: 4 | 5;
  readonly folder: string;
  /** Fixed ports where it is to be found again after a new start. */
  readonly ports?: { readonly opcUa: number; readonly modbus: number };
  readonly patienceMs?: number;
  readonly againMs?: number;
  readonly pictures?: boolean;
}

const ANSWER_MS = 5000;

/** A sewing line in a process of its own, standing still until `go`. */
export class LineChild {
  readonly child: Child;
  readonly folder: string;
  readonly opcUa: string;
  readonly modbusPort: number;
  readonly #control: number;

  private constructor(
    child: Child,
    folder: string,
    at: { readonly opcUa: string; readonly modbusPort: number; readonly controlPort: number },
  ) {
    this.child = child;
    this.folder = folder;
    this.opcUa = at.opcUa;
    this.modbusPort = at.modbusPort;
    this.#control = at.controlPort;
  }

  static async start(options: LineChildOptions): Promise<LineChild> {
    const { seed, plant, speed, mqttUrl, mqttVersion, folder, ports, patienceMs, againMs } = options;
    const child = Child.start([
      ...[
        'simulate',
        'seat-sewing',
        '--seed',
        `${seed}`,
        '--plant',
        plant,
        '--speed',
        `${speed}`,
        '--paused',
      ],
      ...['--mqtt', mqttUrl, '--mqtt-version', `${mqttVersion}`, '--folder', folder],
      ...(ports === undefined ? [] : ['--opc-ua', `${ports.opcUa}`, '--modbus', `${ports.modbus}`]),
      ...(patienceMs === undefined ? [] : ['--patience', `${patienceMs}`]),
      ...(againMs === undefined ? [] : ['--again', `${againMs}`]),
      ...(options.pictures === true ? [] : ['--no-pictures']),
    ]);
    try {
      const [, text = ''] = await child.says(/^(\{.*\})$/m);
      return new LineChild(child, folder, JSON.parse(text));
    } catch (error) {
      await child.kill();
      throw error;
    }
  }

  /** @throws Error where the line does not answer, or does not know the moment. */
  async do(moment: Moment): Promise<object> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#control, '127.0.0.1', () => socket.write(`${JSON.stringify(moment)}\n`));
      socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('the line does not answer')));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        if (!text.includes('\n')) return;
        socket.destroy();
        const said = JSON.parse(text) as { error?: string };
        if (said.error === undefined) resolve(said);
        else reject(new Error(said.error));
      });
      socket.on('error', reject);
    });
  }

  async state(): Promise<LineState> {
    return (await this.do({ do: 'state' })) as LineState;
  }
}
