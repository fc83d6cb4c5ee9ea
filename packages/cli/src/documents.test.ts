import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { checkCommand } from './commands/check.js';
import { connectorCommand } from './commands/connector.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { rebuildCommand } from './commands/rebuild.js';
import { replayCommand } from './commands/replay.js';
import { reportCommand } from './commands/report.js';
import { simulateCommand } from './commands/simulate.js';
import { siteCommand } from './commands/site.js';
import { studyCommand } from './commands/study.js';
import { verifyCommand } from './commands/verify.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMMANDS = new Map<string, Command>(
  [
    ...[replayCommand, siteCommand, demoCommand, simulateCommand, checkCommand, reportCommand],
    ...[verifyCommand, rebuildCommand, doctorCommand, connectorCommand, studyCommand],
  ].map((make) => {
    const command = make(() => undefined);
    return [command.name(), command];
  }),
);

/** Commands as they stand in the documents: the words after the program's name, to the end of the code. */
const written = (text: string): string[] =>
  [...text.matchAll(/(?:npm start -- |(?<![\w/])selvedge |selvedge\.mjs )([a-z][^`\n#]*)/g)].map((match) =>
    String(match[1]).trim(),
  );

it('every command of the documents is one, with options that it knows', () => {
  const pages = [
    'README.md',
    ...readdirSync(`${ROOT}/docs`)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const seen = pages.flatMap((page) =>
    written(readFileSync(`${ROOT}/${page}`, 'utf8')).map((line) => ({ page, line })),
  );
  const known = seen.filter(({ line }) => COMMANDS.has(line.split(/\s/)[0] ?? ''));
  expect(known.length).toBeGreaterThan(20);
  const wrong = known.flatMap(({ page, line }) => {
    const [name = ''] = line.split(/\s/);
    const options = COMMANDS.get(name)?.options.map(({ long }) => long) ?? [];
    return [...line.matchAll(/(?<=\s)--[a-z][\w-]*/g)]
      .filter(([option]) => option !== '--help' && !options.includes(option))
      .map(([option]) => `${page}: ${name} has no ${option}`);
  });
  expect(wrong).toEqual([]);
  // In a block of shell every command is one of these.
  const blocks = pages.flatMap((page) =>
    [...readFileSync(`${ROOT}/${page}`, 'utf8').matchAll(/```sh\n(.*?)```/gs)].flatMap(([, code = '']) =>
      [...code.matchAll(/npm start -- ([a-z]+)(?=\s)/g)].map(([, name]) => `${page}: ${name}`),
    ),
  );
  expect(blocks.filter((one) => !COMMANDS.has(one.split(': ')[1] ?? ''))).toEqual([]);
});
