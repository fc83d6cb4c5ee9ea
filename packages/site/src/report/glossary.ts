/** The words of the report, for whoever meets them first here. */
export const GLOSSARY: readonly (readonly [string, string])[] = [
  [
    'gate',
    'Decides who decides: the model where its bound allows it, a person otherwise. Closed by default.',
  ],
  ['escape', 'A bad unit that was passed automatically and that nobody looked at.'],
  ['overkill', 'A good unit that was rejected automatically and that nobody looked at.'],
  [
    'audit',
    'A random check of an automatic decision by a person, drawn with a known probability before the outcome is known.',
  ],
  ['budget', 'The risk that a person with the right to do so has signed.'],
  ['certificate', 'The evidence on which the gate opened: labelled units that the model had never seen.'],
  ['bound', 'The largest rate that the evidence cannot rule out at the stated confidence.'],
  ['automatic', 'Decided by the gate; audited ones among them are judged by a person before they move on.'],
  [
    'shadow, ramp, open, watch, closed',
    'The states of a gate: people judge everything; the audit rate falls as the bound falls; audits at their floor; something moved and audits rise; people judge everything until somebody starts over.',
  ],
];
