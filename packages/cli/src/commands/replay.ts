import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface ReplayFlags {
  calibrate?: string;
  stream?: string;
  recipe: 'auto' | 'novelty' | 'supervised' | 'score';
  escape: number;
  overkill: number;
  contract: 'per-unit' | 'per-pass';
  confidence: number;
  group?: string;
  independentUnits: boolean;
  scoreDirection: 'higher-worse' | 'lower-worse';
  origin: 'live' | 'recorded' | 'public' | 'simulated';
  seed: number;
  json: boolean;
  out?: string;
  pack?: string;
  backbone?: string;
  language: 'en' | 'zh' | 'id';
}

/** `selvedge replay [DATA]`: a labelled data set through the whole pipeline. */
export function replayCommand(done: (exit: number) => void): Command {
  return new Command('replay')
    .description('Replay a labelled data set through the whole pipeline and write the evidence report')
    .argument(
      '[data]',
      'folder of pictures in class folders, or a CSV / Parquet table; none = the built-in cycles',
    )
    .option('--calibrate <data>', 'a separate set for the certificate')
    .option('--stream <data>', 'a separate set for the stream')
    .addOption(
      new Option('--recipe <name>', 'how scores are made')
        .choices(['auto', 'novelty', 'supervised', 'score'])
        .default('auto'),
    )
    .option('--escape <rate>', 'escape budget, 0..1', rate('--escape', { zero: false }), 0.005)
    .option(
      '--overkill <rate>',
      'overkill budget, 0..1; 0 = no automatic reject',
      rate('--overkill', { zero: true }),
      0,
    )
    .addOption(
      new Option('--contract <kind>', 'escapes per unit leaving, or among automatic passes')
        .choices(['per-unit', 'per-pass'])
        .default('per-unit'),
    )
    .option(
      '--confidence <share>',
      'joint confidence of the promise',
      rate('--confidence', { zero: false }),
      0.95,
    )
    .option('--group <rule>', 'column, regular expression on the path, or CSV file path,group')
    .option(
      '--independent-units',
      'assume that units of one group are independent (printed in the report)',
      false,
    )
    .addOption(
      new Option('--score-direction <direction>', 'for scores made elsewhere')
        .choices(['higher-worse', 'lower-worse'])
        .default('higher-worse'),
    )
    .addOption(
      new Option('--origin <origin>', 'where the data came from')
        .choices(['live', 'recorded', 'public', 'simulated'])
        .default('recorded'),
    )
    .option('--seed <n>', 'every random choice comes from it', wholeNumber('--seed'), 1)
    .addOption(
      new Option(
        '--pack <name>',
        'read DATA in the format of a pack (seat-sewing: cycles as JSON lines, see docs/guide.md)',
      ).choices(['seat-sewing']),
    )
    .option('--backbone <file>', 'an ONNX file in place of the built-in picture backbone')
    .addOption(
      new Option('--language <code>', 'language of the report').choices(['en', 'zh', 'id']).default('en'),
    )
    .option('--json', 'print one JSON document on stdout', false)
    .option('--out <folder>', 'where the report goes (default: selvedge-out/<name of DATA>)')
    .addHelpText(
      'after',
      '\nExample:\n  selvedge replay seams.csv --recipe supervised --escape 0.01 --out evidence\n',
    )
    .action(async (data: string | undefined, flags: ReplayFlags) => {
      const stop = new AbortController();
      const interrupt = () => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const line = progressLine(process.stderr);
      try {
        // Loading takes a second: an interrupt meanwhile ends in the same words.
        const { runReplay, summarise } = await import('../replay-run.js');
        stop.signal.throwIfAborted();
        const result = await runReplay({
          ...flags,
          data: data ?? null,
          signal: stop.signal,
          progress: line.show,
        });
        line.clear();
        if (flags.json) process.stdout.write(`${JSON.stringify(result.document, null, 2)}\n`);
        const out = flags.json ? process.stderr : process.stdout;
        out.write(summarise(result));
        done(result.allowed ? EXIT.done : EXIT.answerIsNo);
      } finally {
        line.clear();
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });
}

function rate(name: string, { zero }: { zero: boolean }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const low = zero ? value >= 0 : value > 0;
    if (text.trim() === '' || !Number.isFinite(value) || !low || value >= 1) {
      throw new InvalidArgumentError(
        `${name} takes a number ${zero ? 'from' : 'above'} 0 and below 1, e.g. 0.005`,
      );
    }
    return value;
  };
}

function wholeNumber(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new InvalidArgumentError(`${name} takes a whole number from 0 up`);
    return value;
  };
}
