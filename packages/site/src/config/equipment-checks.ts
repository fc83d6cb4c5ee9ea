import { WATT_HOURS } from '../equipment/unit-energy.js';
import type { Draft } from './draft.js';
import type { Finding } from './fault.js';
import { anyOf, nearest } from './phrases.js';
import { unique } from './unique.js';

/** What has to fit between the tags of equipment, its allow-list, and the stations that read and write them. */
export function equipmentChecks(root: Draft): Finding[] {
  const equipment = root
    .at('connectors')
    .items()
    .filter((item) => item.at('kind').value === 'equipment');
  const stations = root.at('stations').items();
  const ids = equipment.map((item) => item.at('id').value);
  return [
    ...root
      .at('publish')
      .items()
      .filter((one) => {
        const all = root
          .at('connectors')
          .items()
          .map((item) => item.at('id').value);
        const name = one.at('connector').text();
        return name !== null && all.includes(name) && !ids.includes(name);
      })
      .map((one) =>
        conflict(
          one.at('connector'),
          `"${one.at('connector').text()}" is no connector of kind equipment`,
          'Add one that speaks mqtt-json, and name it here',
        ),
      ),
    ...equipment.flatMap((connector) => ownChecks(connector, stations)),
    ...stations.flatMap((station) => meterChecks(station, equipment)),
    ...stations.flatMap((station) => {
      const connector = equipment.find(
        (item) =>
          item.at('id').text() !== null && item.at('id').value === station.at('input', 'connector').value,
      );
      if (connector !== undefined) return readerChecks(connector, station);
      return station.at('output').written()
        ? [
            conflict(
              station.at('output'),
              'is written to the connector of the input, and that is no equipment',
              'Take it away, or let the station read from a connector of kind equipment',
            ),
          ]
        : [];
    }),
  ];
}

const conflict = (place: Draft, what: string, cure: string): Finding => ({
  path: place.path,
  code: 'conflict',
  what,
  cure,
});

const namesOf = (connector: Draft): string[] =>
  connector
    .at('tags')
    .items()
    .flatMap((item) => item.at('tag').text() ?? []);

function named(place: Draft, known: readonly string[], what: string): Finding[] {
  const name = place.text();
  if (name === null || known.length === 0 || known.includes(name)) return [];
  const meant = nearest(name, known);
  const cure =
    meant === null
      ? `Write one of ${known.slice(0, 6).join(', ')}, or add it there`
      : `Did you mean ${meant}?`;
  return [{ path: place.path, code: 'unknown-name', what: `"${name}" is no ${what}`, cure }];
}

/** Tags, and the allow-list over them. */
function ownChecks(connector: Draft, stations: readonly Draft[]): Finding[] {
  const tags = connector.at('tags').items();
  const names = namesOf(connector);
  const ids = stations.flatMap((station) => station.at('id').text() ?? []);
  return [
    ...unique(tags, 'tag', 'tag'),
    ...unique(connector.at('writes').items(), 'target', 'target'),
    ...connector
      .at('writes')
      .items()
      .flatMap((rule) => {
        const target = rule.at('target');
        const tag = tags.find((item) => target.text() !== null && item.at('tag').value === target.value);
        return [
          ...named(target, names, 'tag of this connector'),
          ...rule
            .at('gates')
            .items()
            .flatMap((gate) => named(gate, ids, 'id under stations')),
          ...rule
            .at('interlocks')
            .items()
            .flatMap((lock) => named(lock.at('tag'), names, 'tag of this connector')),
          ...(tag !== undefined && tag.at('access').value !== 'rw'
            ? [conflict(target, 'may be written, but its tag is read only', 'Write access: rw at the tag')]
            : []),
        ];
      }),
  ];
}

/** A meter is a counter of energy at a connector of kind equipment. */
function meterChecks(station: Draft, equipment: readonly Draft[]): Finding[] {
  const energy = station.at('energy');
  const name = energy.at('connector').text();
  if (name === null) return [];
  const meter = equipment.find((item) => item.at('id').value === name);
  const ids = equipment.flatMap((item) => item.at('id').text() ?? []);
  if (meter === undefined)
    return [
      conflict(
        energy.at('connector'),
        `"${name}" is no connector of kind equipment`,
        ids.length === 0 ? 'Add one' : `Write ${anyOf(ids)}`,
      ),
    ];
  const place = energy.at('tag');
  const tag = meter
    .at('tags')
    .items()
    .find((item) => place.text() !== null && item.at('tag').value === place.value);
  if (tag === undefined) return named(place, namesOf(meter), `tag of ${name}`);
  const unit = tag.at('unit').text() ?? '1';
  if (unit in WATT_HOURS) return [];
  const units = Object.keys(WATT_HOURS);
  return [conflict(place, `is counted in ${unit}`, `Write the tag's unit: ${anyOf(units)}`)];
}

/** What a station reads and writes of its equipment. */
function readerChecks(connector: Draft, station: Draft): Finding[] {
  const input = station.at('input');
  const names = namesOf(connector);
  const kind = station.at('observation', 'kind').text();
  const own = WANTS[kind ?? ''] ?? [];
  const found: Finding[] = ['trigger', 'unit', ...own]
    .filter((key) => input.written() && !input.at(key).written())
    .map((key) => ({
      path: input.at(key).path,
      code: 'missing' as const,
      what: 'is missing',
      cure: `Write the ${key === 'series' || key === 'row' ? 'tags' : 'tag'} that ${MEANS[key]}`,
    }));
  for (const key of ['series', 'row', 'picture'])
    if (input.at(key).written() && own.length > 0 && !own.includes(key))
      found.push(
        conflict(
          input.at(key),
          `does not fit an observation of kind ${kind}`,
          `Write ${own.join(' and ')} instead`,
        ),
      );
  const listed = own.find((key) => key !== 'picture') ?? '';
  const count = { series: 'channels', row: 'columns' }[listed];
  const wanted = count === undefined ? 0 : station.at('observation', count).items().length;
  const given = count === undefined ? 0 : input.at(listed).items().length;
  if (wanted > 0 && given > 0 && wanted !== given)
    found.push(
      conflict(
        input.at(listed),
        `names ${given} tags for ${wanted} ${count}`,
        `Write one tag for each of observation.${count}, in the same order`,
      ),
    );
  for (const key of ['trigger', 'unit', 'picture', 'lot', 'interventions'])
    found.push(...named(input.at(key), names, `tag of ${connector.at('id').text()}`));
  for (const key of ['series', 'row', 'context'])
    for (const item of input.at(key).items())
      found.push(...named(item, names, `tag of ${connector.at('id').text()}`));
  for (const item of station.at('live').items())
    found.push(...named(item.at('tag'), names, `tag of ${connector.at('id').text()}`));
  const target = station.at('output', 'target');
  const rules = connector.at('writes').items();
  const rule = rules.find((item) => target.text() !== null && item.at('target').value === target.value);
  if (target.text() !== null && rule === undefined)
    found.push(
      conflict(
        target,
        `"${target.text()}" may not be written`,
        rules.length === 0
          ? 'Add it under `writes` of the connector'
          : `Add it under \`writes\` of the connector, or name ${anyOf(rules.flatMap((item) => item.at('target').text() ?? []))}`,
      ),
    );
  for (const setting of station.at('adjust').items()) {
    for (const key of ['target', 'proposal', 'inForce', 'loss', 'out', 'agreed'])
      found.push(...named(setting.at(key), names, `tag of ${connector.at('id').text()}`));
    const allowed = rules.find((item) => item.at('target').value === setting.at('target').value);
    if (names.includes(setting.at('target').text() ?? '') && allowed?.at('does').value !== 'adjust')
      found.push(
        conflict(
          setting.at('target'),
          'may not be adjusted',
          'Add a rule with `does: adjust` for it under `writes` of the connector',
        ),
      );
  }
  const gates = rule
    ?.at('gates')
    .items()
    .map((item) => item.value);
  if (gates !== undefined && !gates.includes(station.at('id').value))
    found.push(
      conflict(
        target,
        'may not be written by this station',
        'Name the station under `gates` of the write rule',
      ),
    );
  return found;
}

/** The tags that make an observation, by its kind. */
const WANTS: Readonly<Record<string, readonly string[]>> = {
  series: ['series'],
  row: ['row'],
  score: ['row'],
  image: ['picture'],
  pair: ['series', 'picture'],
};

const MEANS: Readonly<Record<string, string>> = {
  trigger: 'changes when a unit is complete',
  unit: "holds the unit's identity",
  series: 'hold the channels of the trace',
  row: 'hold the numbers',
  picture: 'holds the bytes of the picture',
};
