import { tagSchema } from '@selvedge/connect';
import { z } from 'zod';
import { WATT_HOURS } from '../equipment/unit-energy.js';
import type { Draft } from './draft.js';
import type { Finding } from './fault.js';
import { type KnownNames, knownNames, strayed, usesOf } from './known-names.js';
import { anyOf } from './phrases.js';
import { unique } from './unique.js';
import { idSchema } from './words.js';

/** What has to fit between the tags of equipment, its allow-list, and the stations that read and write them. */
export function equipmentChecks(root: Draft): Finding[] {
  const connectors = root.at('connectors').items();
  const equipment = connectors.filter((item) => item.at('kind').value === 'equipment');
  const stations = root.at('stations').items();
  const uses = usesOf(root.value);
  return [
    ...root
      .at('publish')
      .items()
      .flatMap((one) => {
        const place = one.at('connector');
        const found = theOne(connectors, place.text());
        if (found === undefined || kindOf(found) === null || kindOf(found) === 'equipment') return [];
        return [
          conflict(
            place,
            `"${place.text()}" is no connector of kind equipment`,
            'Add one that speaks mqtt-json, and name it here',
          ),
        ];
      }),
    ...equipment.flatMap((connector) => ownChecks(connector, stations, uses)),
    ...stations.flatMap((station) => meterChecks(station, connectors, uses)),
    ...stations.flatMap((station) => {
      const connector = theOne(connectors, station.at('input', 'connector').text());
      if (connector === undefined || kindOf(connector) === null) return [];
      if (kindOf(connector) === 'equipment') return readerChecks(connector, station, uses);
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

/** The one connector of a name; undefined where none has it, or several. */
export function theOne(connectors: readonly Draft[], name: string | null): Draft | undefined {
  const found = name === null ? [] : connectors.filter((item) => item.at('id').value === name);
  return found.length === 1 ? found[0] : undefined;
}

/** Null where it cannot be read. */
const kindOf = (connector: Draft): string | null => connector.at('kind').text();

type Uses = ReadonlyMap<string, number>;

const conflict = (place: Draft, what: string, cure: string): Finding => ({
  path: place.path,
  code: 'conflict',
  what,
  cure,
});

const tagsOf = (connector: Draft): KnownNames =>
  knownNames(connector.at('tags').items(), 'tag', tagSchema.shape.tag);

function named(place: Draft, known: KnownNames, what: string, uses: Uses): Finding[] {
  const name = place.text();
  const meant = name === null || known.names.length === 0 ? undefined : strayed(name, known, uses);
  if (meant === undefined) return [];
  const cure =
    meant === null
      ? `Write one of ${known.names.slice(0, 6).join(', ')}, or add it there`
      : `Did you mean ${meant}?`;
  return [{ path: place.path, code: 'unknown-name', what: `"${name}" is no ${what}`, cure }];
}

/** Tags, and the allow-list over them. */
function ownChecks(connector: Draft, stations: readonly Draft[], uses: Uses): Finding[] {
  const tags = connector.at('tags').items();
  const names = tagsOf(connector);
  const ids = knownNames(stations, 'id', idSchema);
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
          ...named(target, names, 'tag of this connector', uses),
          ...rule
            .at('gates')
            .items()
            .flatMap((gate) => named(gate, ids, 'id under stations', uses)),
          ...rule
            .at('interlocks')
            .items()
            .flatMap((lock) => named(lock.at('tag'), names, 'tag of this connector', uses)),
          ...(tag !== undefined && ['r', undefined].includes(accessOf(tag))
            ? [conflict(target, 'may be written, but its tag is read only', 'Write access: rw at the tag')]
            : []),
        ];
      }),
  ];
}

const accessOf = (tag: Draft): string | undefined =>
  tag.at('access').written() ? (tag.at('access').text() ?? '') : undefined;

/** A meter is a counter of energy at a connector of kind equipment. */
function meterChecks(station: Draft, connectors: readonly Draft[], uses: Uses): Finding[] {
  const energy = station.at('energy');
  const name = energy.at('connector').text();
  const meant = name === null ? undefined : strayed(name, knownNames(connectors, 'id', idSchema), uses);
  const meter = theOne(connectors, name);
  if (meter !== undefined ? kindOf(meter) === null : meant === undefined) return [];
  const ids = connectors
    .filter((item) => kindOf(item) === 'equipment')
    .flatMap((item) => item.at('id').text() ?? []);
  if (meter === undefined || kindOf(meter) !== 'equipment')
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
  if (tag === undefined) return named(place, tagsOf(meter), `tag of ${name}`, uses);
  const unit = tag.at('unit').written() ? tag.at('unit').text() : '1';
  if (unit === null) return [];
  if (unit in WATT_HOURS) return [];
  const units = Object.keys(WATT_HOURS);
  return [conflict(place, `is counted in ${unit}`, `Write the tag's unit: ${anyOf(units)}`)];
}

/** What a station reads and writes of its equipment. */
function readerChecks(connector: Draft, station: Draft, uses: Uses): Finding[] {
  const input = station.at('input');
  const names = tagsOf(connector);
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
    found.push(...named(input.at(key), names, `tag of ${connector.at('id').text()}`, uses));
  for (const key of ['series', 'row', 'context'])
    for (const item of input.at(key).items())
      found.push(...named(item, names, `tag of ${connector.at('id').text()}`, uses));
  for (const item of station.at('live').items())
    found.push(...named(item.at('tag'), names, `tag of ${connector.at('id').text()}`, uses));
  return [...found, ...writerChecks(connector, station, uses)];
}

/** What a station writes to its equipment, against the allow-list. */
function writerChecks(connector: Draft, station: Draft, uses: Uses): Finding[] {
  const list = connector.at('writes');
  // A list that cannot be read allows nobody can say what.
  if (list.written() && !Array.isArray(list.value)) return [];
  const rules = list.items();
  const targets = knownNames(rules, 'target', z.string().min(1));
  const ruleOf = (name: string) => rules.find((item) => item.at('target').value === name);
  const missingFor = (name: string) => rules.length === 0 || strayed(name, targets, uses) !== undefined;
  const found: Finding[] = [];
  const target = station.at('output', 'target');
  const name = target.text();
  if (name !== null && ruleOf(name) === undefined && missingFor(name))
    found.push(
      conflict(
        target,
        `"${name}" may not be written`,
        rules.length === 0
          ? 'Add it under `writes` of the connector'
          : `Add it under \`writes\` of the connector, or name ${anyOf(targets.names)}`,
      ),
    );
  const names = tagsOf(connector);
  for (const setting of station.at('adjust').items()) {
    for (const key of ['target', 'proposal', 'inForce', 'loss', 'out', 'agreed'])
      found.push(...named(setting.at(key), names, `tag of ${connector.at('id').text()}`, uses));
    const own = setting.at('target').text();
    if (own === null || !names.names.includes(own)) continue;
    const does = ruleOf(own)?.at('does');
    const refused = does === undefined ? missingFor(own) : ![null, 'adjust'].includes(does.text());
    if (refused)
      found.push(
        conflict(
          setting.at('target'),
          'may not be adjusted',
          'Add a rule with `does: adjust` for it under `writes` of the connector',
        ),
      );
  }
  const gates = (name === null ? undefined : ruleOf(name))?.at('gates').items() ?? [];
  const id = station.at('id').text();
  // A gate that leads nowhere was perhaps meant for this one.
  const sure = gates.every((gate) => gate.text() !== null && (uses.get(gate.text() ?? '') ?? 0) > 1);
  if (id !== null && gates.length > 0 && sure && !gates.some((gate) => gate.value === id))
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
