import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  BROKERS,
  type BrokerKind,
  eventually,
  HASTE,
  Reader,
  tag,
  testContext,
  testFolder,
} from '../../test/mqtt-kit.js';
import type { Connector } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import { arm } from '../guard/armed.js';
import type { Broker } from '../mqtt/broker.js';
import { mqttJson } from '../mqtt/json-connector.js';
import { sparkplugHost } from './host-connector.js';
import { SCHEMA } from './proto.js';
import { startSparkplugEdge } from './start-edge.js';

const PYTHON = '/usr/bin/python3';
const has = (command: string, ...args: string[]) =>
  spawnSync(command, args, { timeout: 20_000 }).status === 0;
const paho = has(PYTHON, '-c', 'import paho.mqtt');
const tshark = process.getuid?.() === 0 && has('tshark', '--version');
const clients = has('which', 'mosquitto_sub', 'mosquitto_pub');
const mosquitto = BROKERS[1] as BrokerKind;
const why = (here: boolean, what: string) => (here ? '' : ` (skipped: ${what} is not here)`);

/** A program of others, and what it printed. */
function program(command: string, args: readonly string[]) {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let text = '';
  const take = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const said = (words: string | RegExp, ms = 8_000) =>
    eventually(
      () => text.match(words),
      ms,
      () => text,
    );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { child, said, ended, text: () => text };
}

const settings = (broker: Broker) => ({ ...HASTE, urls: [broker.url], version: broker.version });
const speed = tag({ tag: 'speed', address: 'plant/line/cell/speed', type: 'double' });
const target = tag({ tag: 'target', address: 'plant/line/cell/target', type: 'double', access: 'rw' });

function edgeOf(broker: Broker) {
  const edge = startSparkplugEdge({
    ...{ broker: settings(broker), group: 'plant', edge: 'line', folder: testFolder() },
    devices: [
      {
        id: 'cell',
        metrics: [
          { name: 'speed', datatype: 'Double', value: 1, unit: 'mm/s', range: [0, 9] },
          { name: 'target', datatype: 'Double', value: 2, writable: true },
          { name: 'list', datatype: 'Int16Array', value: [1, -2] },
        ],
      },
    ],
    onCommand: ({ value }) => value,
  });
  onTestFinished(() => edge.close());
  return edge;
}

async function open(connector: Connector, config: object, tags: readonly Tag[]) {
  const link = await connector.open(connector.manifest.config.parse(config), testContext());
  const reader = new Reader(link, tags);
  const write = (of: Tag, value: number) => {
    const command = { id: 'w', target: of.tag, value, decision: 'd', release: 'r', gate: 'g' };
    return link.write?.(
      arm({ ...command, notAfterMs: Date.now() + 5_000 }, reader.state.epoch, Buffer.from('k')),
      of,
    );
  };
  return { link, reader, write };
}

const hostOf = (broker: Broker, tags: readonly Tag[], more: object = {}) =>
  open(
    sparkplugHost,
    {
      broker: settings(broker),
      hostId: 'H',
      groups: ['plant'],
      reorderMs: 200,
      firstRebirthMs: 300,
      ...more,
    },
    tags,
  );

const EQUIPMENT = `
import json, sys, time
import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
client = mqtt.Client(client_id='equipment', protocol=mqtt.MQTTv5)
def connected(c, u, flags, reason, properties):
    c.subscribe('cell/target/set', qos=1)
    c.publish('cell/speed', json.dumps({'value': 3.5, 't': time.time() * 1000}), qos=1, retain=True)
def message(c, u, m):
    print('command', m.qos, m.properties.MessageExpiryInterval, m.payload.decode(), flush=True)
    c.publish('cell/target', json.dumps({'value': json.loads(m.payload)['value']}), qos=1)
def subscribed(c, u, mid, reasons, properties): print('ready', flush=True)
client.on_connect, client.on_message, client.on_subscribe = connected, message, subscribed
client.connect('127.0.0.1', int(sys.argv[1]))
client.loop_forever()
`;
const WATCHER = `
import sys
import paho.mqtt.client as mqtt
client = mqtt.Client(client_id='watcher', protocol=mqtt.MQTTv5)
client.on_connect = lambda c, u, f, r, p: c.subscribe('spBv1.0/#', qos=1)
client.on_subscribe = lambda c, u, m, r, p: print('ready', flush=True)
client.on_message = lambda c, u, m: print('got', m.topic, 'retain', m.retain, 'qos', m.qos, len(m.payload), flush=True)
client.connect('127.0.0.1', int(sys.argv[1]))
client.loop_forever()
`;

describe('peers of others', () => {
  it.skipIf(!mosquitto.here || !paho)(
    `python3-paho as equipment on plain JSON topics: read, and written with expiry${why(paho && mosquitto.here, 'paho or mosquitto')}`,
    async () => {
      const broker = await mosquitto.start();
      const equipment = program(PYTHON, ['-c', EQUIPMENT, String(broker.port)]);
      await equipment.said('ready');
      const a = tag({ tag: 'a', address: 'cell/speed#/value', type: 'double' });
      const b = tag({ tag: 'b', address: 'cell/target#/value', type: 'double', access: 'rw' });
      const config = {
        ...{ broker: settings(broker), timePointer: '/t' },
        commands: [{ address: b.address, topic: 'cell/target/set' }],
      };
      const { reader, write } = await open(mqttJson, config, [a, b]);
      await reader.sample(
        'a',
        ({ value, quality, timeFrom }) => value === 3.5 && quality === 'good' && timeFrom === 'source',
      );
      expect(await write(b, 7.25)).toMatchObject({ outcome: 'done', readBack: { value: 7.25 } });
      await equipment.said(/command 1 [45] \{"value":7\.25\}/);
    },
  );

  it.skipIf(!mosquitto.here || !paho || !clients)(
    `python3-paho and mosquitto_sub as witnesses of an edge node and its host: QoS, retain, order${why(paho && clients && mosquitto.here, 'paho or mosquitto')}`,
    async () => {
      const broker = await mosquitto.start();
      const watcher = program(PYTHON, ['-c', WATCHER, String(broker.port)]);
      await watcher.said('ready');
      const { reader } = await hostOf(broker, [speed]);
      await watcher.said('got spBv1.0/STATE/H');
      const edge = edgeOf(broker);
      await reader.until('up');
      edge.publish('cell', [{ name: 'speed', value: 5 }]);
      await reader.sample('speed', ({ value }) => value === 5);
      await watcher.said('spBv1.0/plant/DDATA/line/cell retain 0 qos 0');
      await edge.close();
      await watcher.said('spBv1.0/plant/NDEATH/line retain 0 qos 1');
      const lines = watcher
        .text()
        .split('\n')
        .filter((line) => line.includes('BIRTH'));
      expect(lines.map((line) => line.replace(/ \d+$/, '')).slice(0, 2)).toEqual([
        'got spBv1.0/plant/NBIRTH/line retain 0 qos 0',
        'got spBv1.0/plant/DBIRTH/line/cell retain 0 qos 0',
      ]);
      const state = program('mosquitto_sub', [
        '-p',
        String(broker.port),
        '-t',
        'spBv1.0/STATE/H',
        '-C',
        '1',
        '-F',
        '%r %q %p',
        '-q',
        '1',
      ]);
      await state.said(/1 1 \{"online":true,"timestamp":\d{13}\}/);
    },
  );

  it.skipIf(!mosquitto.here || !clients)(
    `mosquitto_pub says that the host is offline: it contradicts at once${why(clients && mosquitto.here, 'mosquitto')}`,
    async () => {
      const broker = await mosquitto.start();
      await hostOf(broker, [speed]);
      const port = String(broker.port);
      const watcher = program('mosquitto_sub', ['-p', port, '-t', 'spBv1.0/STATE/H', '-q', '1']);
      await watcher.said('"online":true');
      const payload = '{"online":false,"timestamp":1}';
      program('mosquitto_pub', ['-p', port, '-t', 'spBv1.0/STATE/H', '-q', '1', '-r', '-m', payload]);
      await watcher.said(/"online":false[\s\S]*"online":true/);
    },
  );

  it.skipIf(!mosquitto.here || !tshark)(
    `tshark dissects births, data, commands and deaths as SparkplugB, none malformed but STATE${why(tshark && mosquitto.here, 'tshark, root or mosquitto')}`,
    async () => {
      const broker = await mosquitto.start();
      const file = join(testFolder(), 'sparkplug.pcap');
      const capture = program('tshark', ['-q', '-i', 'lo', '-f', `tcp port ${broker.port}`, '-w', file]);
      await capture.said('Capturing on');
      await new Promise((resolve) => setTimeout(resolve, 700));
      const { reader, write, link } = await hostOf(broker, [speed, target]);
      const edge = edgeOf(broker);
      await reader.until('up');
      edge.publish('cell', [{ name: 'speed', value: 5 }]);
      edge.publish('cell', [{ name: 'list', value: [3, 4] }]);
      edge.setDevice('cell', false);
      edge.setDevice('cell', true);
      await reader.sample('speed', ({ value }) => value === 5);
      await reader.until('up');
      await eventually(async () => (await write(target, 3.5))?.outcome === 'done');
      await edge.close();
      await link.close();
      await new Promise((resolve) => setTimeout(resolve, 500));
      capture.child.kill('SIGINT');
      await capture.ended;
      const schema = testFolder();
      writeFileSync(
        join(schema, 'sparkplug.proto'),
        SCHEMA.replace('message', 'package com.cirruslink.sparkplug.protobuf;\nmessage'),
      );
      const how = [
        '-o',
        `uat:protobuf_search_paths:"${schema}","TRUE"`,
        '-d',
        `tcp.port==${broker.port},mqtt`,
      ];
      const read = (...args: string[]) =>
        spawnSync('tshark', ['-r', file, ...how, ...args], { encoding: 'utf8' }).stdout;
      const kinds = new Set(
        read('-T', 'fields', '-e', 'sparkplugb.messagetype', '-Y', 'sparkplugb').split(/[\s,]+/),
      );
      expect([...kinds].filter(Boolean).sort()).toEqual(
        expect.arrayContaining(['DBIRTH', 'DCMD', 'DDATA', 'DDEATH', 'NBIRTH', 'NDEATH']),
      );
      // It wants an edge node in every topic, which STATE of version 3 does not have: those frames, and no other.
      const malformed = read('-T', 'fields', '-e', 'mqtt.topic', '-Y', '_ws.malformed')
        .split('\n')
        .filter(Boolean);
      expect(new Set(malformed)).toEqual(new Set(['spBv1.0/STATE/H']));
      const details = read('-V', '-Y', 'sparkplugb.messagetype == "DBIRTH"');
      for (const word of ['speed', 'engUnit', 'mm/s']) expect(details).toContain(word);
    },
  );

  it('sparkplug-client 3.2.4 as an edge node that breaks rules: read, asked for births, and its wrong deaths survived', async () => {
    const broker = await (BROKERS[0] as BrokerKind).start();
    const { newClient } = createRequire(import.meta.url)(
      'sparkplug-client',
    ) as typeof import('sparkplug-client');
    const { reader, write } = await hostOf(broker, [speed, target], { confirmMs: 1_000 });
    const client = newClient({
      ...{ serverUrl: broker.url, username: 'u', password: 'p', clientId: 'bad', version: 'spBv1.0' },
      ...{ groupId: 'plant', edgeNode: 'line', mqttOptions: { reconnectPeriod: 100 } },
    });
    onTestFinished(() => client.stop());
    let asked = 0;
    const birth = () => {
      client.publishNodeBirth({
        timestamp: Date.now(),
        metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false }],
      });
      client.publishDeviceBirth('cell', {
        timestamp: Date.now(),
        metrics: [
          { name: 'speed', type: 'Double', value: 1 },
          { name: 'target', type: 'Double', value: 2 },
        ],
      });
    };
    client.on('error', () => {});
    client.on('birth', birth);
    client.on('ncmd', ({ metrics }) => {
      if (!metrics?.some(({ name, value }) => name === 'Node Control/Rebirth' && value === true)) return;
      asked += 1;
      birth();
    });
    client.on('dcmd', (_device, { metrics }) => {
      client.publishDeviceData('cell', { timestamp: Date.now(), metrics: metrics ?? [] });
    });
    const data = (value: number, device = 'cell') =>
      client.publishDeviceData(device, {
        timestamp: Date.now(),
        metrics: [{ name: 'speed', type: 'Double', value }],
      });
    await reader.sample('speed', ({ value }) => value === 1);
    await reader.until('up');
    data(2);
    await reader.sample('speed', ({ value, quality }) => value === 2 && quality === 'good');
    expect(await write(target, 9)).toMatchObject({ outcome: 'done', readBack: { value: 9 } });
    // Lost messages: the numbers jump.
    const before = asked;
    (client as unknown as { seq: number }).seq += 3;
    data(3);
    await eventually(() => asked > before);
    await reader.sample('speed', ({ quality }) => quality === 'bad');
    expect(reader.items.some((one) => one.kind === 'gap')).toBe(true);
    await reader.sample('speed', ({ value }) => value === 1, 8_000);
    // A device that was never born.
    const again = asked;
    await reader.until('up');
    data(4, 'ghost');
    await eventually(() => asked > again, 8_000);
    await reader.until('up');
    // Its Will bears the number of its first connection for ever: the second death is of another number than its birth.
    const cut = () =>
      (client as unknown as { client: { stream: { destroy(): void } } }).client.stream.destroy();
    cut();
    await reader.until('down');
    await reader.until('up', 8_000);
    data(5);
    await reader.sample('speed', ({ value }) => value === 5, 8_000);
    client.removeAllListeners('birth');
    client.removeAllListeners('ncmd');
    cut();
    await reader.until('down', 8_000);
    expect(reader.samples('speed').at(-1)?.quality).toBe('bad');
  });
});
