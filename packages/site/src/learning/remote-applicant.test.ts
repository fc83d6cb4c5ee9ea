import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createRandom } from '@selvedge/models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { allowHost } from './hosts.js';

type Plant = Awaited<ReturnType<typeof plant>>;

const PATIENT = 240_000;

/** A server of the Open Inference Protocol: the score of a row is its first value. */
async function modelServer(
  host: string,
  { lie = false } = {},
): Promise<{ server: Server; port: number; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const { method, url = '' } = request;
      hits.push(`${method} ${url}`);
      const send = (body: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      if (url === '/v2/health/ready') return send({ ready: true });
      if (url === '/v2') return send({ name: 'test', version: '1', extensions: [] });
      if (method === 'GET')
        return send({
          ...{ name: 'seam', versions: ['1'], platform: 'test' },
          inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 2] }],
          outputs: [{ name: 'score', datatype: 'FP64', shape: [-1] }],
        });
      const { id, inputs } = JSON.parse(text) as {
        id: string;
        inputs: { shape: number[]; data: number[] }[];
      };
      const rows = inputs[0]!.shape[0]!;
      const flat = (inputs[0]!.data as unknown[]).flat(2) as number[];
      const data = Array.from({ length: lie ? rows + 1 : rows }, (_, n) => flat[2 * n]!);
      send({
        ...{ model_name: 'seam', model_version: '1', id },
        outputs: [{ name: 'score', datatype: 'FP64', shape: [data.length], data }],
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port, hits };
}

const station = (url: string) => ({
  observation: '{ kind: row, columns: [force, depth] }',
  model: '{ recipe: novelty, fitUnits: 100000 }',
  more: `    learn: { enabled: false, rolesBy: unit }
    applicants: [{ kind: open-inference, name: Maker B, url: "${url}", model: seam }]`,
});

async function bring(line: Plant, count: number, from = 0): Promise<void> {
  const random = createRandom(from + 7);
  for (let at = 0; at < count; at += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - at) }, (_, n) => {
        const bad = random.next() < 0.1;
        const values = Float64Array.of(random.normal() + (bad ? 8 : 0), 0);
        return line.arrive(`${bad ? 'bad' : 'good'}-${from + at + n}`, { kind: 'row', values });
      }),
    );
    await line.judgeAll();
    await line.parts.learning.stations.get('press-1')!.applicants.idle();
  }
}

const stateOf = (line: Plant): string | undefined =>
  line.parts.learning.stations.get('press-1')!.applicants.all()[0]?.state;
const scored = (line: Plant) =>
  line
    .rows('shadow-scored')
    .flatMap(({ units }) => units as { unit: string; score: number | null; fault: string | null }[]);

describe('a model behind the Open Inference Protocol', () => {
  it(
    'applies, is scored in shadow on what it sees live, is tested on that, and gets the post',
    async () => {
      const { port, hits } = await modelServer('127.0.0.1');
      const folder = await plantFolder();
      const line = await plant(folder, station(`http://127.0.0.1:${port}`));
      const { applicants } = line.parts.learning.stations.get('press-1')!;
      await line.sign(50_000, 0.05);
      await until(
        () => stateOf(line) === 'shadow' && applicants.shadowOf(applicants.all()[0]!.id) !== null,
        60_000,
      );
      await bring(line, 400);
      await until(() => scored(line).length >= 390, 60_000);
      expect(scored(line).every(({ score, fault }) => score !== null && fault === null)).toBe(true);
      expect(hits.some((hit) => hit.startsWith('POST /v2/models/seam'))).toBe(true);
      await until(() => stateOf(line) === 'recommended', 120_000);
      const [one] = applicants.all();
      await applicants.hire({ applicant: one!.id, by: 'signature', user: 'user:q', reason: 'certified' });
      expect(line.station.gate).toMatchObject({ name: 'open', epoch: 2 });
      await bring(line, 50, 5000);
      const late = line.rows('decided').slice(-50);
      expect(late.every(({ model }) => model === one!.id)).toBe(true);
      expect(late.some(({ by }) => by === 'gate')).toBe(true);
      await line.site.close();

      // After a restart it is asked again under the gate that it had.
      const again = await plant(folder, station(`http://127.0.0.1:${port}`));
      await bring(again, 20, 9000);
      expect(again.rows('decided').at(-1)).toMatchObject({ model: one!.id, epoch: 2, noScore: null });
    },
    PATIENT,
  );

  it(
    'that answers with another number of scores harms only itself',
    async () => {
      const { port } = await modelServer('127.0.0.1', { lie: true });
      const line = await plant(await plantFolder(), station(`http://127.0.0.1:${port}`));
      const { applicants } = line.parts.learning.stations.get('press-1')!;
      await until(
        () => stateOf(line) === 'shadow' && applicants.shadowOf(applicants.all()[0]!.id) !== null,
        60_000,
      );
      await bring(line, 40);
      await until(() => scored(line).length === 40, 60_000);
      expect(scored(line).every(({ score, fault }) => score === null && fault !== null)).toBe(true);
      expect(line.rows('decided')).toHaveLength(40);
    },
    PATIENT,
  );

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
  it.skipIf(outside === undefined)(
    'on another host gets no byte until an owner allows it',
    async () => {
      const { server, port, hits } = await modelServer(outside!);
      let connections = 0;
      server.on('connection', () => {
        connections += 1;
      });
      const line = await plant(await plantFolder(), station(`http://${outside}:${port}`));
      const { applicants } = line.parts.learning.stations.get('press-1')!;
      await until(() => stateOf(line) === 'shadow', 60_000);
      const [one] = applicants.all();
      await until(() => /nobody has allowed/.test(applicants.faultOf(one!.id) ?? ''), 60_000);
      await bring(line, 20);
      expect(connections).toBe(0);
      const host = `${outside}:${port}`;
      await allowHost(line.parts, { host, allowed: true, user: 'user:owner', reason: 'our own server' });
      await applicants.hostsChanged();
      await bring(line, 20, 100);
      await until(() => scored(line).length === 20, 60_000);
      expect(hits.some((hit) => hit.startsWith('POST'))).toBe(true);
      await allowHost(line.parts, { host, allowed: false, user: 'user:owner', reason: 'no longer' });
      await applicants.hostsChanged();
      const before = connections;
      await bring(line, 20, 200);
      expect(connections).toBe(before);
    },
    PATIENT,
  );
});
