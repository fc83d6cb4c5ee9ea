import { type ModbusServer, startModbusServer } from './server.js';

export interface SunSpecMeterOptions {
  readonly port?: number;
  readonly host?: string;
  readonly unitId?: number;
  readonly serial?: string;
  /** 10^n: power is told in steps of so many W, energy in steps of so many Wh. */
  readonly powerScale?: number;
  readonly energyScale?: number;
  /** What the counter showed when it was started, Wh. */
  readonly fromWattHour?: number;
}

export interface RunningMeter {
  readonly server: ModbusServer;
  /** Power now, W, and energy taken since the last call, Wh; the counter begins again at 0 after 2^32 steps. */
  advance(powerWatt: number, energyWattHour: number): void;
  /** As after an exchange of the device: the counter shows 0. */
  reset(): void;
  close(): Promise<void>;
}

const BASE = 40_000;
const METER = BASE + 2 + 68;
const METER_LENGTH = 105;
const NOT_THERE = 0x8000;

/** A simulated three-phase meter as SunSpec has it: marker, common block (1), meter (203), end. Every figure is simulated. */
export async function startSunSpecMeter(options: SunSpecMeterOptions = {}): Promise<RunningMeter> {
  const { port, host, unitId = 1, serial = 'SIM-1', powerScale = 0, energyScale = 0 } = options;
  const server = await startModbusServer({
    ...{ unitId, ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) },
  });
  const { registers } = server;
  const put = (at: number, values: readonly number[]) => registers.set('holding', at, values);
  put(BASE, words('SunS', 2));
  put(BASE + 2, [
    ...[1, 66],
    ...[...words('Selvedge', 16), ...words('simulated meter', 16), ...words('', 8)],
    ...[...words('1', 8), ...words(serial, 16), unitId, NOT_THERE],
  ]);
  put(METER, [203, METER_LENGTH, ...new Array<number>(METER_LENGTH).fill(NOT_THERE), 0xffff, 0]);
  put(METER + 22, [powerScale]);
  put(METER + 54, [energyScale]);
  // The fraction of a step is kept: small powers are counted too.
  let steps = (options.fromWattHour ?? 0) / 10 ** energyScale;
  const show = (powerWatt: number): void => {
    const power = Math.max(-32_767, Math.min(32_767, Math.round(powerWatt / 10 ** powerScale)));
    put(METER + 18, [power]);
    const count = Math.floor(steps) % 2 ** 32;
    put(METER + 46, [Math.floor(count / 65_536), count % 65_536]);
  };
  show(0);
  return {
    server,
    advance(powerWatt, energyWattHour) {
      steps += Math.max(0, energyWattHour) / 10 ** energyScale;
      show(powerWatt);
    },
    reset() {
      steps = 0;
      show(0);
    },
    close: () => server.close(),
  };
}

/** Two characters a register, filled up with zeros. */
function words(text: string, registers: number): number[] {
  const bytes = Buffer.alloc(registers * 2);
  bytes.write(text, 'latin1');
  return Array.from({ length: registers }, (_, i) => bytes.readUInt16BE(2 * i));
}
