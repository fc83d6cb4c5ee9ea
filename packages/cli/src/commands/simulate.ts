import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../exit.js';
import { leaveWithParent } from '../leave-with-parent.js';

interface SimulateFlags {
  seed: number;
  plant: 'a' | 'b';
  speed: number;
  opcUa: number;
  mqtt: string;
  mqttVersion: '4' | '5';
  modbus: number;
  control: number;
  folder: string;
  pictures: boolean;
  paused: boolean;
  patience: number;
  again: number;
}

/** `selvedge simulate PACK`: simulated equipment as a process of its own, over the real protocols. */
export function simulateCommand(done: (exit: number) => void): Command {
  return new Command('simulate')
    .description('Run simulated equipment over real OPC UA, MQTT Sparkplug B and Modbus until it is stopped')
    .addArgument(new Command().createArgument('<pack>', 'whose line').choices(['seat-sewing']))
    .option('--seed <n>', 'every plant is drawn from it', whole('--seed', Number.MAX_SAFE_INTEGER), 1)
    .addOption(new Option('--plant <letter>', 'which of two plants').choices(['a', 'b']).default('a'))
    .option('--speed <factor>', 'seconds of the line in one second', factor, 1)
    .option('--opc-ua <port>', 'port of machine 1; 0 = any free one', whole('--opc-ua', 65_535), 0)
    .requiredOption('--mqtt <url>', 'broker of machine 2')
    .addOption(new Option('--mqtt-version <n>', '5, or 4 for MQTT 3.1.1').choices(['4', '5']).default('5'))
    .option('--modbus <port>', 'port of the energy meter; 0 = any free one', whole('--modbus', 65_535), 0)
    .option(
      '--control <port>',
      'port for moments of a presenter; 0 = any free one',
      whole('--control', 65_535),
      0,
    )
    .option('--folder <folder>', 'where the line keeps its own record', 'selvedge-out/line')
    .option(
      '--patience <ms>',
      'wait for a verdict before a cover goes to the rack',
      whole('--patience', 600_000),
      1000,
    )
    .option(
      '--again <ms>',
      'a cover on the rack is shown again after so long',
      whole('--again', 3_600_000),
      20_000,
    )
    .option('--no-pictures', 'show no pictures')
    .option('--paused', 'stand still until the control port says go', false)
    .addHelpText(
      'after',
      '\nExample:\n  selvedge simulate seat-sewing --seed 7 --plant a --speed 20 --opc-ua 4840 --mqtt mqtt://127.0.0.1:1883 --modbus 5020\n',
    )
    .action(async (_pack: string, flags: SimulateFlags) => {
      const stop = new AbortController();
      const interrupt = (): void => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      leaveWithParent(stop);
      try {
        const { runSimulate } = await import('../simulate-run.js');
        const { seed, plant, speed, folder, pictures, paused } = flags;
        await runSimulate(
          {
            ...{ seed, plant, speed, folder, pictures, paused },
            ...{ opcUaPort: flags.opcUa, modbusPort: flags.modbus, controlPort: flags.control },
            ...{ mqttUrl: flags.mqtt, mqttVersion: flags.mqttVersion === '4' ? 4 : 5 },
            ...{ patienceMs: flags.patience, againMs: flags.again },
          },
          { signal: stop.signal, say: (text) => process.stdout.write(text) },
        );
        done(EXIT.done);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });
}

function whole(name: string, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0 || value > most)
      throw new InvalidArgumentError(`${name} takes a whole number from 0 to ${most}`);
    return value;
  };
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 1000))
    throw new InvalidArgumentError('--speed takes a number from 0.1 to 1000');
  return value;
}
