import { isAbsolute, relative, resolve } from 'node:path';
import { accessChecks } from './access-checks.js';
import { SELECTS } from './connector-schema.js';
import type { Draft } from './draft.js';
import { equipmentChecks, theOne } from './equipment-checks.js';
import { type Finding, pathText } from './fault.js';
import { type KnownNames, knownNames, strayed, usesOf } from './known-names.js';
import { namesChecks } from './names-checks.js';
import { anyOf } from './phrases.js';
import { stationChecks } from './station-checks.js';
import { unique } from './unique.js';
import { bytesOf, idSchema } from './words.js';

/**
 * What no single place can know: names that have to exist, be unique or fit each other. `base` is the folder against
 * which paths of the file are read.
 */
export function crossChecks(root: Draft, base: string): Finding[] {
  return [
    ...unique(root.at('lines').items(), 'id', 'id'),
    ...unique(root.at('connectors').items(), 'id', 'id'),
    ...unique(root.at('stations').items(), 'id', 'id'),
    ...unique(root.at('publish').items(), 'connector', 'connector'),
    ...unique(root.at('interventions').items(), 'type', 'type'),
    ...unique(root.at('connectors').items(), 'path', 'path', (item) => item.at('kind').value === 'http'),
    ...repeated(root.at('site', 'languages')),
    ...repeated(root.at('retention', 'first')),
    ...references(root),
    ...inputs(root, base),
    ...origin(root),
    ...folders(root, base),
    ...floors(root.at('retention')),
    ...accessChecks(root),
    ...root.at('stations').items().flatMap(stationChecks),
    ...equipmentChecks(root),
    ...namesChecks(root),
  ];
}

function repeated(list: Draft): Finding[] {
  const seen = new Set<unknown>();
  return list.items().flatMap((item) => {
    const again = item.text() !== null && seen.has(item.value);
    seen.add(item.value);
    return again
      ? [
          {
            path: item.path,
            code: 'duplicate' as const,
            what: `"${item.text()}" stands in the list already`,
            cure: 'Take one away',
          },
        ]
      : [];
  });
}

function references(root: Draft): Finding[] {
  const lines = knownNames(root.at('lines').items(), 'id', idSchema);
  const connectors = knownNames(root.at('connectors').items(), 'id', idSchema);
  const stations = root.at('stations').items();
  const uses = usesOf(root.value);
  const named = (place: Draft, known: KnownNames, list: string): Finding[] => {
    const name = place.text();
    const meant = name === null ? undefined : strayed(name, known, uses);
    if (meant === undefined) return [];
    const { names } = known;
    return [
      {
        path: place.path,
        code: 'unknown-name',
        what: `"${name}" is no id under ${list}`,
        cure: meant
          ? `Did you mean ${meant}?`
          : `Write one of the ids there (${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}), or add it there`,
      },
    ];
  };
  const publishes = root.at('publish').items();
  const used = new Set([
    ...stations.map((s) => s.at('input', 'connector').value),
    ...publishes.map((p) => p.at('connector').value),
    ...stations.map((s) => s.at('energy', 'connector').value),
  ]);
  const kindOf = (place: Draft) =>
    theOne(root.at('connectors').items(), place.text())?.at('kind').text() ?? null;
  const list = root.at('publish');
  // A name that leads nowhere was meant for one of them.
  const complete =
    stations.length > 0 &&
    connectors.lost.length === 0 &&
    (!list.written() || Array.isArray(list.value)) &&
    stations.every((s) => connectors.names.includes(s.at('input', 'connector').text() ?? '')) &&
    [...publishes, ...stations.map((s) => s.at('energy')).filter((energy) => energy.written())].every(
      (one) => kindOf(one.at('connector')) === 'equipment',
    );
  return [
    ...stations.flatMap((station) => [
      ...named(station.at('line'), lines, 'lines'),
      ...named(station.at('input', 'connector'), connectors, 'connectors'),
    ]),
    ...publishes.flatMap((one) => named(one.at('connector'), connectors, 'connectors')),
    ...root
      .at('connectors')
      .items()
      .filter((item) => complete && item.at('id').text() !== null && !used.has(item.at('id').value))
      .map(
        (item): Finding => ({
          path: item.path,
          code: 'conflict',
          what: `no station reads from "${item.at('id').text()}": its units would be lost`,
          cure: 'Name it under `input.connector` of a station, or take it away',
        }),
      ),
  ];
}

function inputs(root: Draft, base: string): Finding[] {
  const connectors = root.at('connectors').items();
  const readers = new Map<string, Draft>();
  return root
    .at('stations')
    .items()
    .flatMap((station) => {
      const input = station.at('input');
      const connector = theOne(connectors, input.at('connector').text());
      const kind = connector?.at('kind').text();
      const selects = Object.entries(SELECTS).find(([name]) => name === kind)?.[1];
      if (connector === undefined || selects === undefined) return [];
      const all = [...new Set(Object.values(SELECTS).flat())];
      const strange = all
        .filter((key) => input.at(key).written() && !selects.includes(key))
        .map(
          (key): Finding => ({
            path: input.at(key).path,
            code: 'conflict',
            what: `"${connector.at('id').text()}" is a connector of kind ${kind}, which does not know \`${key}\``,
            cure: `Take it away; an input from it may have ${anyOf(selects.map((name) => `\`${name}\``))}`,
          }),
        );
      if (kind === 'folder' && station.at('observation', 'kind').value === 'pair')
        strange.push({
          path: station.at('observation', 'kind').path,
          code: 'conflict',
          what: 'is pair, but a folder brings one file a unit',
          cure: 'Send trace and picture together to a connector of kind http, or read both from equipment',
        });
      const source = sourceOf(connector, station, base);
      const other = source === null ? undefined : readers.get(source);
      if (source !== null && other === undefined) readers.set(source, station);
      if (other === undefined) return strange;
      return [
        ...strange,
        {
          path: input.path,
          code: 'conflict' as const,
          what: `reads the same units as ${pathText(other.path)}`,
          cure: `Give each station its own units with ${anyOf(selects.filter((name) => name !== 'frame').map((name) => `\`${name}\``))}`,
        },
      ];
    });
}

/** What a station reads, as one text that is the same for the same units. */
function sourceOf(connector: Draft, station: Draft, base: string): string | null {
  const input = station.at('input');
  if (connector.at('kind').value === 'equipment') {
    const trigger = input.at('trigger').text();
    return trigger === null ? null : JSON.stringify([connector.at('id').value, 'trigger', trigger]);
  }
  if (connector.at('kind').value !== 'folder') {
    const stream = input.at('stream').text() ?? station.at('id').text();
    return stream === null ? null : JSON.stringify([connector.at('id').value, stream]);
  }
  const path = connector.at('path').text();
  if (path === null) return null;
  const folder = resolve(base, path, input.at('subfolder').text() ?? '.');
  return JSON.stringify([folder, input.at('pattern').text() ?? '*']);
}

function origin(root: Draft): Finding[] {
  const said = root.at('site', 'origin').text();
  const simulator = root
    .at('connectors')
    .items()
    .find((item) => item.at('kind').value === 'simulator');
  if (simulator === undefined || said === null || said === 'simulated') return [];
  return [
    {
      path: root.at('site', 'origin').path,
      code: 'conflict',
      what: `is ${said}, but ${pathText(simulator.path)} is a simulator`,
      cure: 'Write simulated: figures of made-up units are never shown as anything else',
    },
  ];
}

/** Nothing that equipment writes lies in the folder of the record, nor the record in theirs. */
function folders(root: Draft, base: string): Finding[] {
  const data = root.at('folder').text();
  if (data === null || data === '') return [];
  const inside = (inner: string, outer: string): boolean => {
    const way = relative(outer, inner);
    return way === '' || (!way.startsWith('..') && !isAbsolute(way));
  };
  return root
    .at('connectors')
    .items()
    .filter((item) => item.at('kind').value === 'folder' && item.at('path').text())
    .filter((item) => {
      const path = resolve(base, item.at('path').text() ?? '');
      return inside(path, resolve(base, data)) || inside(resolve(base, data), path);
    })
    .map((item) => ({
      path: item.at('path').path,
      code: 'conflict' as const,
      what: `"${item.at('path').text()}" and \`folder\` ("${data}") lie in each other`,
      cure: 'Keep what equipment writes and the record of the site in separate folders',
    }));
}

function floors(retention: Draft): Finding[] {
  const unread = (key: string) => retention.at(key).written() && retention.at(key).text() === null;
  if (unread('hardFloor') || unread('softFloor')) return [];
  const hard = bytesOf(retention.at('hardFloor').text() ?? '1 GB');
  const soft = bytesOf(retention.at('softFloor').text() ?? '5 GB');
  if (hard === null || soft === null || soft > hard) return [];
  const place = retention.at('softFloor').written() ? 'softFloor' : 'hardFloor';
  return [
    {
      path: retention.at(place).path,
      code: 'conflict',
      what: 'the softFloor is not above the hardFloor: the gates would close before content is thinned',
      cure: `Write a softFloor above ${retention.at('hardFloor').text() ?? '1 GB'}, or a lower hardFloor`,
    },
  ];
}
