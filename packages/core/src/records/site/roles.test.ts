import { describe, expect, it } from 'vitest';
import * as records from '../index.js';

const { mayRole, RIGHTS, ROLES, rightSchema, userChangeSchema } = records;

describe('roles', () => {
  it('may each do what the one before may, and only an owner governs', () => {
    const may = ROLES.map((role) => rightSchema.options.filter((right) => mayRole(role, right)));
    expect(may).toEqual([
      ['look', 'answer'],
      ['look', 'answer', 'judge', 'sign'],
      ['look', 'answer', 'bring', 'judge', 'sign', 'configure'],
      Object.keys(RIGHTS),
    ]);
  });

  it('a change of a user says what changes', () => {
    const good = (value: object) => userChangeSchema.safeParse(value).success;
    expect([{}, { role: 'king' }, { active: 'no' }, { role: 'owner', name: 'Ada' }].filter(good)).toEqual([]);
    expect(good({ role: 'quality' }) && good({ active: false })).toBe(true);
  });
});

it('every schema of the wire says of itself what it takes', () => {
  const schemas = Object.entries(records).filter(([name]) => name.endsWith('Schema'));
  expect(schemas.length).toBeGreaterThan(50);
  // Nothing is taken that is no record, and none falls over it.
  for (const [name, schema] of schemas) {
    if (typeof schema !== 'object' || !('safeParse' in schema)) continue;
    expect(schema.safeParse(Symbol(name)).success, name).toBe(false);
  }
});
