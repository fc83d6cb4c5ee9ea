import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkWritable,
  type Dataset,
  openDataset,
  type ReplayOptions,
  type ReplayResult,
  renderReport,
  replay,
  writeFolder,
} from '@selvedge/site';
import { commitOf } from './commit.js';
import { openCycleLines, openCycles } from './cycles-dataset.js';

export interface ReplayRequest
  extends Pick<
    ReplayOptions,
    | 'recipe'
    | 'escape'
    | 'overkill'
    | 'contract'
    | 'confidence'
    | 'independentUnits'
    | 'origin'
    | 'seed'
    | 'backbone'
    | 'signal'
    | 'progress'
  > {
  /** Null = the built-in cycles. */
  readonly data: string | null;
  readonly calibrate?: string | undefined;
  readonly stream?: string | undefined;
  readonly group?: string | undefined;
  /** Whose format DATA is in; tables and folders are read the same with and without. */
  readonly pack?: string | undefined;
  readonly scoreDirection: 'higher-worse' | 'lower-worse';
  readonly out?: string | undefined;
  /** Of the report. */
  readonly language: 'en' | 'zh' | 'id';
}

export interface ReplayRun extends ReplayResult {
  readonly folder: string;
}

/** Opens the sets, replays them and writes the report; nothing is written where the run fails. */
export async function runReplay(request: ReplayRequest): Promise<ReplayRun> {
  const { data, signal, progress } = request;
  const name = data === null ? 'built-in-cycles' : basename(data).replace(/\.[^.]+$/, '');
  const folder = request.out ?? join('selvedge-out', name);
  await checkWritable(folder);
  const opened: Dataset[] = [];
  const open = async (path: string) => {
    const lines = request.pack === 'seat-sewing' && !/\.(csv|parquet)$/i.test(path);
    const set = lines
      ? await openCycleLines(path, { signal, progress })
      : await openDataset(path, {
          group: request.group,
          scoreDirection: request.scoreDirection,
          signal,
          progress,
        });
    opened.push(set);
    return set;
  };
  const openBuiltIn = async () => {
    const set = await openCycles(request.seed, { signal, progress });
    opened.push(set);
    return set;
  };
  try {
    const main = data === null ? await openBuiltIn() : await open(data);
    const calibrate = request.calibrate === undefined ? null : await open(request.calibrate);
    const stream = request.stream === undefined ? null : await open(request.stream);
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const result = await replay(
      { main, calibrate, stream },
      {
        ...request,
        groupRule: request.group ?? null,
        origin: data === null ? 'simulated' : request.origin,
        command: commandLine(request),
        version: version(),
        commit: await commitOf(root),
      },
    );
    const files = new Map<string, string | Uint8Array>([
      ['report.html', renderReport(result.evidence, { language: request.language })],
      ['report.json', `${JSON.stringify(result.evidence, null, 1)}\n`],
      ['decisions.csv', result.decisions],
      ...(result.onnx ? ([['model.onnx', result.onnx]] as const) : []),
    ]);
    await writeFolder(folder, files);
    return { ...result, folder };
  } finally {
    for (const set of opened) await set.close();
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** The command that repeats the run: every option is spelled out, so that no later default changes it. */
function commandLine(r: ReplayRequest): string {
  const quote = (text: string) =>
    /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  const options: [string, string | number | undefined][] = [
    ['--calibrate', r.calibrate],
    ['--stream', r.stream],
    ['--pack', r.pack],
    ['--recipe', r.recipe],
    ['--escape', r.escape],
    ['--overkill', r.overkill],
    ['--contract', r.contract],
    ['--confidence', r.confidence],
    ['--group', r.group],
    ['--backbone', r.backbone],
    ['--score-direction', r.scoreDirection],
    ['--origin', r.origin],
    ['--seed', r.seed],
    ['--language', r.language],
  ];
  const given = options.filter(([, v]) => v !== undefined).map(([k, v]) => `${k} ${quote(String(v))}`);
  return [
    'selvedge replay',
    ...(r.data === null ? [] : [quote(r.data)]),
    ...given,
    ...(r.independentUnits ? ['--independent-units'] : []),
  ].join(' ');
}

/** What a person wants to know at the end, and what to do next. */
export function summarise({ document, folder, allowed }: ReplayRun): string {
  const { gate, stream, interventions, model, warnings } = document;
  const digits = (x: number) => (x !== 0 && Math.abs(x) < 0.1 ? 2 : 1);
  const percent = (x: number) => `${(100 * x).toFixed(digits(x))} %`;
  // A gain is rounded down and a bound up, as in the report.
  const atLeast = (x: number) =>
    `${(Math.floor(100 * x * 10 ** digits(x) + 1e-9) / 10 ** digits(x)).toFixed(digits(x))} %`;
  const atMost = (x: number) =>
    `${(Math.ceil(100 * x * 10 ** digits(x) - 1e-9) / 10 ** digits(x)).toFixed(digits(x))} %`;
  const lines = [
    `${document.recipe}, AUC ${model.auc === null ? 'not known (one class in the stream)' : (Math.floor(1000 * model.auc + 1e-9) / 1000).toFixed(3)} on the units that the fit never saw [${document.origin}]`,
    `gate: ${gate.state} (${gate.reason})`,
    `automatic ${atLeast(stream.automaticShare)}, asked ${stream.asked}, audits ${stream.audits}`,
    `escapes ${stream.escapes} = ${percent(stream.escapePerUnit)} per unit, ${percent(stream.escapePerAutoPass)} per automatic pass (upper bound ${atMost(stream.escapeUpper)})`,
    `judgements by people ${atLeast(interventions.reduction)} fewer (${atLeast(interventions.interval[0])} to ${atMost(interventions.interval[1])})`,
    ...warnings.map((w) => `warning ${w.code}: ${w.detail}`),
    '',
    `Report: ${join(folder, 'report.html')} (also report.json, decisions.csv)`,
    allowed
      ? 'Next: read "What all this rests on" in the report, then replay units of your own line: npm start -- DATA'
      : 'Next: the report says what is missing before the gate may open.',
  ];
  return `${lines.join('\n')}\n`;
}
