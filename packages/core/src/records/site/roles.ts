import { z } from 'zod';

/** From the least to the most: each may do what those before it may. */
export const ROLES = ['operator', 'quality', 'engineer', 'owner'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** What a person or a token may do, and the least role for it. */
export const RIGHTS = {
  /** Look at lines, units and proofs. */
  look: 'operator',
  /** Answer questions; say what was done by hand. */
  answer: 'operator',
  /** Bring units to a station: for tokens of equipment. */
  bring: 'engineer',
  /** Enter a finding downstream, pin content, print reports, second reads. */
  judge: 'quality',
  /** Sign a budget, close a gate, begin a new epoch. */
  sign: 'quality',
  /** Change stations, models and connectors. */
  configure: 'engineer',
  /** Users, roles and tokens. */
  govern: 'owner',
} as const satisfies Record<string, Role>;
export type Right = keyof typeof RIGHTS;

/** True where somebody with the role may do it. */
export const mayRole = (role: Role, right: Right): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(RIGHTS[right]);
