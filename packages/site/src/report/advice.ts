/** What to do about a warning, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  'duplicate-items':
    'Nothing, if the same item was recorded twice. Otherwise find out why two units have the same content.',
  'near-duplicates': 'Name the part, lot or board with --group and run again.',
  'label-conflict': 'Have a second person judge these items without seeing the labels, and correct them.',
  'shortcut-suspected': 'Record good and bad units the same way, or remove the difference, and run again.',
  'too-few-bad': 'Collect more bad units, from the reject bin if need be.',
  'too-few-units': 'Label more units, or ask for a wider budget.',
  'order-unknown': 'Add a column "time", so that the stream is the last part of the process.',
  'damaged-items': 'Look at the items listed under "How it was measured".',
  'no-better-than-blind': 'Do not sign this budget: promise per pass, or a smaller escape rate.',
  clustered: 'Collect units from more groups.',
};

export const adviceOn = (code: string): string =>
  ADVICE[code] ?? 'Look at it before you rely on the figures.';
