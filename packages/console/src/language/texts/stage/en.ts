/** A unit while it is being made, the presenter's panel, and the ledger. */
export const stageEn = {
  // Live
  liveUnitTitle: '{name}: the unit that is being made',
  liveNow: 'Being made now',
  liveStill: 'Stands still',
  liveWait: 'Waiting for values',
  liveHeld: 'Held',
  liveAway: 'Nothing arrives now; this is from before',
  liveLost: 'No good value from the equipment now',
  liveHold: 'Hold the picture',
  liveTrace: '{name}: now {value} {unit}, {n} readings so far',
  liveTraceNone: '{name}: nothing measured yet',
  liveYes: 'yes',
  liveNo: 'no',
  liveLast: 'Last finished: {unit}',
  liveLastPicture: 'Picture of {unit}',

  // The stage
  stageTitle: 'Show',
  stageText: 'Each button lets something happen at the simulated line. No real equipment is touched.',
  stageMayNot: 'It takes the role {needed} to press them.',
  stageReady: 'not shown yet',
  stagePlaying: 'under way since {time}',
  stagePlayed: 'shown at {time}',
  stageFailed: 'did not work at {time}: {why}',
  stageLook: 'Figures',
  stageLookAt: 'Figures of “{title}”',

  // The ledger
  ledgerSeconds: 'Person-seconds',
  ledgerAll: 'all of them',
  ledgerLink: 'To the shift report',
};
