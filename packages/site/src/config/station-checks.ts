import { DEFAULT_SETTINGS } from '@selvedge/core';
import type { Draft } from './draft.js';
import type { Finding } from './fault.js';
import { unique } from './unique.js';

const DEFAULT_UNDO_MS = 2000;

/** What has to fit within one station. */
export function stationChecks(station: Draft): Finding[] {
  return [
    ...choices(station.at('choices')),
    ...unique(station.at('observation', 'channels').items(), 'name', 'name'),
    ...columns(station.at('observation', 'columns')),
    ...model(station),
    ...deadlines(station),
    ...weighting(station.at('gate')),
    ...unique(station.at('applicants').items(), 'name', 'name'),
  ];
}

const conflict = (place: Draft, what: string, cure: string): Finding => ({
  path: place.path,
  code: 'conflict',
  what,
  cure,
});

function choices(list: Draft): Finding[] {
  const items = list.items();
  const [first, ...others] = items;
  const found = unique(items, 'label', 'label');
  const labels = items.map((item) => item.at('label').text()?.trim().toLowerCase());
  for (const [i, item] of items.entries()) {
    const like = labels.indexOf(labels[i]);
    const label = item.at('label');
    const other = items[like]?.at('label');
    if (labels[i] && other && like < i && other.value !== label.value)
      found.push(
        conflict(
          label,
          `"${label.text()}" reads like "${other.text()}"`,
          'Write labels that nobody mixes up',
        ),
      );
  }
  if (first?.at('bad').value === true)
    found.push(
      conflict(first.at('bad'), 'is true, but the first answer is the good one', 'Put the good answer first'),
    );
  if (others.length > 0 && items.every((item) => item.at('bad').value === false))
    found.push(conflict(list, 'has no bad answer', 'Write bad: true at every class that must not pass'));
  else
    for (const item of others.filter((other) => other.at('bad').value === false))
      found.push(
        conflict(
          item.at('bad'),
          'is false, but only the first answer is good',
          'Write bad: true, or join it with the first answer',
        ),
      );
  return found;
}

function columns(list: Draft): Finding[] {
  const names = list.items();
  return names
    .filter((name, i) => name.text() !== null && names.findIndex((n) => n.value === name.value) < i)
    .map((name) => ({
      path: name.path,
      code: 'duplicate' as const,
      what: `"${name.text()}" is the name of another column already`,
      cure: 'Give each its own name',
    }));
}

function model(station: Draft): Finding[] {
  const place = station.at('model');
  const recipe = place.at('recipe');
  const file = place.at('file');
  const kind = station.at('observation', 'kind').text();
  const found: Finding[] = [];
  if (typeof place.value === 'object' && place.written() && !recipe.written() && !file.written())
    found.push(
      conflict(
        place,
        'has neither `recipe` nor `file`',
        'Write recipe: auto to fit a model here, or file: with the path of an ONNX file',
      ),
    );
  if (recipe.written() && file.written())
    found.push(conflict(file, '`recipe` and `file` exclude each other', 'Keep one of them'));
  if (place.at('manifest').written() && !file.written())
    found.push(conflict(place.at('manifest'), 'describes a `file`, and there is none', 'Take it away'));
  if (place.at('fitUnits').written() && (file.written() || recipe.value === 'score'))
    found.push(conflict(place.at('fitUnits'), 'belongs to a model that is fitted here', 'Take it away'));
  if (kind === 'score' && recipe.written() && recipe.value !== 'score')
    found.push(
      conflict(recipe, `is ${recipe.text()}, but the observation is a score already`, 'Write score'),
    );
  if (kind === 'score' && file.written())
    found.push(conflict(file, 'is a model, but the observation is a score already', 'Write recipe: score'));
  if (recipe.value === 'score' && kind !== null && kind !== 'score')
    found.push(
      conflict(
        recipe,
        `is score, but the observation is of kind ${kind}`,
        'Write auto, novelty or supervised, or observation: { kind: score }',
      ),
    );
  return found;
}

function deadlines(station: Draft): Finding[] {
  const takt = station.at('takt', 'deadlineMs');
  const ask = station.at('ask', 'deadlineMs');
  const undo = station.at('ask', 'undoMs');
  const overdue = station.at('gate', 'overdueMs');
  const askMs = ask.number();
  const taktMs = takt.number();
  const found: Finding[] = [];
  if (askMs === null) return found;
  if (taktMs !== null && taktMs > askMs)
    found.push(
      conflict(
        takt,
        `gives the gate ${taktMs} ms, longer than a person has (ask.deadlineMs ${askMs})`,
        'Shorten it, or give people at least as long',
      ),
    );
  const undoMs = undo.written() ? undo.number() : DEFAULT_UNDO_MS;
  if (undoMs !== null && undoMs >= askMs)
    found.push(
      conflict(
        undo.written() ? undo : ask,
        `an answer could be taken back for ${undoMs} ms, but the question ends after ${askMs} ms`,
        'Write an ask.undoMs below ask.deadlineMs',
      ),
    );
  const overdueMs = overdue.written() ? overdue.number() : DEFAULT_SETTINGS.overdueMs;
  if (overdueMs !== null && overdueMs < askMs)
    found.push(
      conflict(
        overdue.written() ? overdue : ask,
        `audits count as wrong after ${overdueMs} ms (gate.overdueMs), while their question is open for ${askMs} ms`,
        `Shorten ask.deadlineMs, or write gate: { overdueMs: ${Math.ceil(askMs)} } or more`,
      ),
    );
  return found;
}

function weighting(gate: Draft): Finding[] {
  const floor = gate.at('auditFloorAccept');
  const number = floor.number();
  if (gate.at('weightedAudits').value !== true || number === null) return [];
  if (number >= DEFAULT_SETTINGS.weightedLow) return [];
  return [
    conflict(
      floor,
      `is ${number}, below the least rate of weighted audits`,
      `Write at least ${DEFAULT_SETTINGS.weightedLow}, or weightedAudits: false`,
    ),
  ];
}
