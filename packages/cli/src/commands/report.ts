import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface ReportFlags {
  from?: string;
  to?: string;
  last?: string;
  shift?: string;
  language: 'en' | 'zh' | 'id';
  carbon?: { gramPerWattHour: number; validYear: number; source: string };
  out?: string;
  json: boolean;
}

/** `selvedge report FOLDER|CONFIG`: the evidence report of a period. */
export function reportCommand(done: (exit: number) => void): Command {
  return new Command('report')
    .description('Write the evidence report of a period from the journal of a site, which may be running')
    .argument('<source>', 'the folder of a site, its journal, or its configuration (.yaml)')
    .option('--from <time>', "begin, in the plant's own time unless a zone is written")
    .option('--to <time>', 'end (excluded); default: the last row')
    .option('--last <duration>', 'the last 30m, 8h or 2d of the journal (default: 24h)')
    .option('--shift <day>', 'a working day, or one of its three shifts: 2026-01-05 or 2026-01-05/2')
    .addOption(
      new Option('--language <code>', 'language of the page').choices(['en', 'zh', 'id']).default('en'),
    )
    .option('--carbon <factor>', 'GRAM,YEAR,SOURCE: grams of CO2e per Wh, and who says so', carbonFactor)
    .option('--out <folder>', 'where it goes (default: selvedge-out/report-<begin>)')
    .option('--json', 'print report.json on stdout', false)
    .addHelpText(
      'after',
      '\nReads only. Writes report.html, report.json, decisions.csv and interventions.csv.\n\nExample:\n  selvedge report data --shift 2026-01-05/1 --out evidence\n',
    )
    .action(async (source: string, flags: ReportFlags) => {
      const line = progressLine(process.stderr);
      try {
        const { runReport } = await import('../report-run.js');
        const { sealed, text } = await runReport({ ...flags, source, progress: line.show });
        line.clear();
        if (flags.json) process.stdout.write(`${JSON.stringify(sealed, null, 2)}\n`);
        const out = flags.json ? process.stderr : process.stdout;
        out.write(text);
        done(EXIT.done);
      } finally {
        line.clear();
      }
    });
}

function carbonFactor(text: string): NonNullable<ReportFlags['carbon']> {
  const [, gram, year, source] = /^([\d.]+),(\d{4}),(.*\S.*)$/s.exec(text) ?? [];
  const gramPerWattHour = Number(gram);
  if (source === undefined || !Number.isFinite(gramPerWattHour))
    throw new InvalidArgumentError(
      '--carbon takes grams per Wh, a year and the source, e.g. "0.35,2025,grid operator, table 4"',
    );
  return { gramPerWattHour, validYear: Number(year), source: source.trim() };
}
