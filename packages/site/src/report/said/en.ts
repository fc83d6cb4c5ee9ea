/**
 * The sentences that a run says, as it says them: English, with `{name}` where it puts a value. A value whose
 * name starts with `say` is itself one of these sentences, one that starts with `list` is several, apart by ", ";
 * any other value stays as it is. What gates say stands in core, for other pages too. A test reads the sources and fails where one of their sentences is not here.
 */
export const en = {
  // The promise.
  signedNobody: 'nobody yet (replay)',
  askedFor: 'asked for on the command line',
  testGroupOverkill: 'betting-by-group-overkill-per-unit',

  // The data and their split.
  folder: 'folder',
  table: 'table',
  cycles: 'cycles',
  series: 'series',
  image: 'image',
  map: 'map',
  pair: 'pair',
  row: 'row',
  score: 'score',
  fit: 'fit',
  calibrate: 'calibrate',
  stream: 'stream',
  splitShuffle:
    'no split and no time: a seeded shuffle, stratified by class, whole groups together (30 % fit, 40 % calibrate, 30 % stream)',
  splitSets: 'separate sets for fit, calibrate and stream',
  splitCalibrate: 'fit on DATA; the calibration set cut 60/40 into calibrate and stream by seed',
  splitStreamSeed: 'DATA cut 3:4 into fit and calibrate by seed; a separate stream',
  splitStreamTime: 'DATA cut 3:4 into fit and calibrate by time; a separate stream',
  splitStreamSplit: 'DATA cut into fit and calibrate as its own split says; a separate stream',
  splitStreamUnused:
    'DATA cut into fit and calibrate as its own split says, its {n} stream units not used; a separate stream',
  splitStreamTest:
    'DATA cut into fit and calibrate as its own split says (test = calibrate); a separate stream',
  splitOwn: 'as the data set says (train = fit, val = calibrate, test = stream)',
  splitCut:
    'fit as the data set says; {part} cut 60/40 into calibrate and stream by seed, stratified, whole groups together',
  splitTime: 'by time: first 30 % fit, next 40 % calibrate, last 30 % stream',

  // What is wrong with an item.
  badNumber: '"{cell}" in column "{column}" is not a number',
  noFeature: 'every feature is empty',
  noScoreCell: 'the score is empty',
  hole: 'column "{column}" is empty in the middle of the series',
  noLabel: 'the label is empty',
  badTime: 'time "{cell}" is neither ISO 8601 nor a number',
  rowCells: 'the row has {cells} cells, the header {header}',
  mapForm: 'column "map" must read WIDTHxHEIGHT:digits with the digits 0, 1 and 2',
  mapDigits: 'map says {size} but has {n} digits',
  grey: 'grey level {level} is no code of this set ({codes})',
  emptyFile: 'the file is empty',
  unreadFile: 'the file cannot be read: {code}',
  noItem: 'no such item',
  undecoded: '{name} cannot be decoded: {reason}',
  undecodedFit: 'it could not be decoded for the fit',
  noScore: 'the model gave no score',
  noNumber: 'the model gave no number',
  notScored: 'not scored',
  noTemplate: 'the picture has no template to be compared with',
  expectedKind: 'expected a {sayWanted}, got {sayFound}',
  expectedChannels: 'expected {wanted} channels, got {found}',
  expectedSamples: 'expected {wanted} samples, got {found}',
  expectedValues: 'expected {wanted} values, got {found}',
  seriesIncomplete: 'a series of {n} values is incomplete',
  seriesValue: 'value {n} of the series is not a finite number',
  rowInfinite: 'value {n} of the row is infinite in single precision',
  rowEmpty: 'the row is empty',
  mapNoPlaces: 'a map of {size} has no places',
  mapLarge: 'a map of {size} is larger than {most}',
  mapShort: 'a map of {size} needs {wanted} codes, got {found}',
  mapCode: 'code {code} in a map: only 0 (outside), 1 (good) and 2 (bad) are known',
  mapBare: 'the map has no place on the part',
  workerStopped: 'the worker stopped',
  workerStoppedFor: 'the worker stopped: {reason}',
  workerLate: 'no answer within {ms} ms',

  // The model.
  scoresGiven: 'the scores were made elsewhere; nothing was fitted here',
  scoresElsewhere: 'the scores were made elsewhere',
  noveltyAsked: 'novelty was asked for: {sayQuality}',
  noveltyFew: 'novelty: {bads} bad units are fewer than {needed} ({sayQuality})',
  noveltyStays: 'novelty stays: {sayDifference}',
  supervisedAskedOnly: 'supervised was asked for: {sayHead}',
  supervisedAsked: 'supervised was asked for: {sayHead}; novelty alone {sayQuality}',
  supervisedBeats: 'supervised beats novelty by more than noise: {sayDifference}; {sayHead}',
  noQuality: 'no bad units to measure it',
  quality: 'out-of-fold AUC {auc}',
  difference: 'out-of-fold AUC of supervised minus novelty {difference}, needed more than {margin}',
  headBest: '{head} has the best {sayMeasure} of {folds} folds x {repeats}: {listHeads}',
  byAuc: 'out-of-fold AUC',
  byF1: 'out-of-fold macro-F1',
  headRounds: '{head} {quality} ({n} rounds)',
  headShares: '{head} {quality} (equal shares)',
  headLambda: '{head} {quality} (lambda {value})',
  headShrinkage: '{head} {quality} (shrinkage {value})',
  mixed:
    'trees and networks mixed, share of the networks by out-of-fold {measure} of {folds} folds: {shares}',
  pairFew: 'the evidence of trace and picture is added: {bads} bad units are fewer than {needed}',
  pairSum: 'the evidence of trace and picture is added: {sayAucs}',
  pairLarger: 'the larger evidence of trace and picture counts: {sayAucs}',
  pairTrace: 'the trace alone counts, the picture would blur it: {sayAucs}',
  pairPicture: 'the picture alone counts, the trace would blur it: {sayAucs}',
  pairLearnt: 'labels weigh trace and picture, with an out-of-fold AUC of {auc}: {sayAucs}',
  pairAucs:
    'out-of-fold AUC of the sum {sum}, of the larger {larger}, of the trace alone {trace}, of the picture alone {picture}',
  pairWhole: '{sayPair}; trace: {sayTrace}; picture: {sayPicture}',
  pooled: '{sayChosen}; novelty is the mean of the {worst} worst of {all} patches',
  pooledAbove: '{sayChosen}; novelty is the mean of the {worst} worst of {all} patches above the mean of all',
  pooledNovelty:
    '{sayChosen}; the head is not better than novelty alone by more than noise, so novelty keeps the score; novelty is the mean of the {worst} worst of {all} patches',
  pooledNoveltyAbove:
    '{sayChosen}; the head is not better than novelty alone by more than noise, so novelty keeps the score; novelty is the mean of the {worst} worst of {all} patches above the mean of all',
  ownBackbone: '{sayWhole}; backbone {name}',
  parity:
    'graph and fitted recipe agree on {n} golden samples: largest difference {worst} of the score range (allowed {tolerance})',
  noParity: 'not applicable: no graph was exported',

  // Drift.
  unit: 'unit',
  firstOfGroup: 'first unit of each group',
  unitInSome: 'unit in {every}',
  groupInSome: 'first unit of one group in {every}',

  // Warnings.
  duplicates:
    '{items} items stand in {groups} groups of equal content, e.g. {names}. They are kept on one side of the split',
  conflict:
    '{groups} groups of equal items have contradictory labels, e.g. {names}. No model can be right on both; have a person judge them again',
  near: '{n} of {of} items looked at are nearly equal to another, e.g. {names}. If they show the same part, name the part with --group: otherwise the figures are too good',
  moved:
    'Equal items or items of one group stood on two sides of the split and were moved to one side: {listMoves}',
  movedEqual: '{n} equal items from {sayFrom} to {sayTo}',
  movedGroup: '{n} items of a group from {sayFrom} to {sayTo}',
  shortcut:
    'The class can be told without looking at the part, from {listSuspects}. A model may learn that and fail on the line. Make good and bad units the same way, or remove the difference',
  fileSize: 'file size (AUC {auc})',
  fileFormat: 'file format (AUC {auc})',
  pictureWidth: 'picture width (AUC {auc})',
  pictureHeight: 'picture height (AUC {auc})',
  channels: 'number of channels (AUC {auc})',
  brightness: 'mean brightness (AUC {auc})',
  colour: 'mean colour (AUC {auc})',
  rowOrder:
    'The class can be told from the place in the file alone (AUC {auc}, permutation p at most {p}): good and bad units stand apart and no column says when they were made. If they were recorded apart, a model may learn the recording; add a column "time", or mix them when they are recorded',
  fewUnits:
    'An escape budget of {escape} needs at least {needed} labelled calibration units, with no bad one among those accepted; there are {n}: {more} more are needed',
  fewBad:
    'Only {n} bad units are in the calibration set: {more} more are needed before the share of bad units that the model catches is known to within a tenth or so. The bound holds all the same; it is only wider',
  clustered:
    'Bad units come in groups (permutation test p = {p}), so one unit per group counts: {kept} of {of}. More groups, not more units, make the proof stronger',
  clusteredWhole:
    'Bad units come in groups (permutation test p = {p}), so each group counts as one piece of evidence: {kept} groups of {of} units. More groups, not more units, make the proof stronger',
  restless:
    'The scores moved within the calibration set, however sparsely they are looked at: a slow change of tool, material or season. The certificate assumes that the stream goes through the same mixture; the watch for drift raises audits but does not close the gate by itself. Calibrate over a longer time',
  damaged:
    '{n} items could not be read or scored: those of the fit set were left out, those of the calibration set are no evidence, those of the stream were asked of a person',
  noBetter:
    'The gate may pass {share} of the units within this budget, but passing units at random would be allowed about {blind} too, and the model is not shown to be better than that: bad units are so rare that the budget itself carries the promise. Lower the budget or promise per pass (--contract per-pass)',
  orderOfFile:
    'The data set says nothing of time, so the stream is taken in the order of its file. {sayRemedy}',
  orderShuffled:
    'The data set says nothing of time, so the stream is a seeded shuffle: drift over time cannot be seen in it. {sayRemedy}',
  remedyColumn: 'Add a column "time"',
  remedyFolder:
    'Folders "fit", "calibrate" and "stream" can at least hold the parts of the process in their order',
  columnsIgnored: 'columns not used (no numbers): {columns}',
  filesIgnored: '{n} files that are no pictures were ignored',

  // Assumptions, each with the way a broken one would show.
  sameProcess:
    'The units of the stream come from the same process as the units on which the gate was certified.',
  sameProcessCheck:
    'The drift chart rises above its alarm line, or the audits find more bad units than the budget allows.',
  labelsRight:
    'The labels are right. The bounds speak of agreement with the labels given; an error of the person who gave them is not seen here.',
  labelsRightCheck:
    'Let a second person judge a blind sample, or mix known-bad units into the audits: the share missed raises every bound.',
  auditsRandom: 'Audits are drawn at random with a known probability before the outcome is known.',
  auditsRandomCheck:
    'Each draw can be recomputed from the audit secret and the unit id; the secret was committed by its hash.',
  wholeGroups:
    'Faults come in clusters inside a group, so each group is one piece of evidence; groups are independent of each other.',
  onePerGroup: 'Faults come in clusters inside a group, so the certificate counts one unit per group.',
  onePerGroupCheck: 'The permutation test of the calibration set, in the warnings.',
  ownerSaid:
    'Units of one group are independent of each other. The owner of the data set said so; it was not tested.',
  ownerSaidCheck: 'Run again without --independent-units.',
  noClusters:
    'Faults do not come in clusters inside a group: the permutation test found none at the 1 % level.',
  noClustersCheck: 'Two or more bad units in one group more often than chance gives.',
  independent: 'Units are independent of each other: one bad unit does not make the next one bad.',
  independentCheck: 'Name the lot, board or shift with --group: the certificate then tests for clusters.',
  shuffled:
    'The order of the units is a seeded shuffle. Drift over time that is in the process is not in this replay.',
  shuffledCheck: 'Give a time column; the last 30 % of the time then become the stream.',
  rarity:
    'The promise counts escapes per unit leaving the station. Where bad units are rare, a part of it is carried by their rarity and not by the model.',
  rarityCheck:
    'Compare with "escapes among automatic passes", which is printed beside it, or promise that with --contract per-pass.',
  simulated:
    'The data are simulated. They show what the program does on such a process, and nothing about the method or a real plant: their constants were chosen by its makers.',
  simulatedCheck: 'Replay recorded units of your own line.',
} as const;
