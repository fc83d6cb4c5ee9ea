import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first: what begins late keeps a whole run waiting. */
export const LONGEST: readonly string[] = [
  'packages/console/test/views.browser.test.ts',
  'tools/shift.browser.test.ts',
  'packages/models/src/map/fit-map.test.ts',
  'tools/studies/line-kills.test.ts',
  'tools/studies/site-kills.test.ts',
  'tools/studies/wafer-maps.test.ts',
  'packages/models/src/pair/fit-pair.test.ts',
  'packages/connect/src/opc-ua/faults.test.ts',
  'packages/connect/src/opc-ua/opc-ua.conformance.test.ts',
  'packages/site/src/equipment/equipment-faults.test.ts',
  'packages/site/src/equipment/equipment.test.ts',
];

/** The longest first; the others keep their order. */
export function longestFirst<File extends { readonly moduleId: string }>(files: readonly File[]): File[] {
  const place = ({ moduleId }: File): number => {
    const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
    return at < 0 ? LONGEST.length : at;
  };
  return [...files].sort((a, b) => place(a) - place(b));
}

/** The longest first, then as Vitest has it. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}
