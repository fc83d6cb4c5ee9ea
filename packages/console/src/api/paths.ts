import {
  answeredSchema,
  equipmentViewSchema,
  lineViewSchema,
  observationViewSchema,
  passkeysSchema,
  proofViewSchema,
  questionsSchema,
  sessionSchema,
  shiftReportSchema,
  stageViewSchema,
  tokensSchema,
  unitViewSchema,
  usersSchema,
} from '@selvedge/core/records';

const part = encodeURIComponent;

/** Something that can be asked for: its address and the schema that its answer must have. */
export interface Ask<T> {
  readonly path: string;
  readonly schema: Schema<T>;
}

/** The part of a zod schema that is used here. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: unknown };
}

/** GET addresses. */
export const ASK = {
  session: { path: '/api/session', schema: sessionSchema },
  line: { path: '/api/line', schema: lineViewSchema },
  questions: { path: '/api/questions', schema: questionsSchema },
  /** @param station where it was seen; the last one where left out */
  observation: (unit: string, station?: string) => ({
    path: `/api/units/${part(unit)}/observation${station === undefined ? '' : `?station=${part(station)}`}`,
    schema: observationViewSchema,
  }),
  unit: (unit: string) => ({ path: `/api/units/${part(unit)}`, schema: unitViewSchema }),
  proof: (station: string) => ({ path: `/api/stations/${part(station)}/proof`, schema: proofViewSchema }),
  shift: (fromMs: number, toMs: number) => ({
    path: `/api/shift?fromMs=${fromMs}&toMs=${toMs}`,
    schema: shiftReportSchema,
  }),
  equipment: { path: '/api/equipment', schema: equipmentViewSchema },
  stage: { path: '/api/stage', schema: stageViewSchema },
  users: { path: '/api/users', schema: usersSchema },
  tokens: { path: '/api/tokens', schema: tokensSchema },
  passkeys: { path: '/api/passkeys', schema: passkeysSchema },
} as const;

/** Addresses of what a person does. */
export const DO = {
  setup: '/api/setup',
  signIn: '/api/sign-in',
  signOut: '/api/sign-out',
  answer: (question: string) => `/api/questions/${part(question)}/answer`,
  undo: (question: string) => `/api/questions/${part(question)}/undo`,
  help: (question: string) => `/api/questions/${part(question)}/help`,
  sign: (station: string) => `/api/stations/${part(station)}/sign`,
  close: (station: string) => `/api/stations/${part(station)}/close`,
  newEpoch: (station: string) => `/api/stations/${part(station)}/new-epoch`,
  mode: (connector: string) => `/api/equipment/${part(connector)}/mode`,
  lease: (connector: string) => `/api/equipment/${part(connector)}/leases`,
  endLease: (lease: string) => `/api/leases/${part(lease)}/end`,
  write: (connector: string) => `/api/equipment/${part(connector)}/write`,
  seen: (write: string) => `/api/writes/${part(write)}/seen`,
  stage: (moment: string) => `/api/stage/${part(moment)}`,
  findings: '/api/findings',
  interventions: '/api/interventions',
  users: '/api/users',
  user: (user: string) => `/api/users/${part(user)}`,
  tokens: '/api/tokens',
  password: '/api/password',
  passkeys: '/api/passkeys',
  passkeyOptions: '/api/passkeys/options',
  passkeyRemove: '/api/passkeys/remove',
  passkeyRequest: '/api/sign-in/passkey-options',
  passkeySignIn: '/api/sign-in/passkey',
  revoke: (token: string) => `/api/tokens/${part(token)}/revoke`,
} as const;

/** A navigation, not a request: the server sends the browser to the identity provider. */
export const OIDC_START = '/api/sign-in/oidc';

/** What the help before an answer shows is what comes after one: the model's view. */
export const afterSchema = answeredSchema.shape.after;
