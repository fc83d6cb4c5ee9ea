import { ROLES } from '@selvedge/core/records';
import { Journal } from '@selvedge/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handClock, ownFolder, PASSWORD, startServer } from '../../test/access/kit.js';
import { allUsers, usersFold } from './users-fold.js';

describe('users', () => {
  it('the last owner stays owner', async () => {
    const server = await startServer();
    const owner = await server.owner();
    const [ada] = server.access.users.list();
    const last = async (change: object) => {
      const { status, body } = await owner.post(`/api/users/${ada?.id}`, change);
      return [status, body.error?.code];
    };
    expect(await last({ active: false })).toEqual([409, 'last-owner']);
    expect(await last({ role: 'operator' })).toEqual([409, 'last-owner']);
    expect(await last({ role: 'owner', active: true })).toEqual([200, undefined]);
    const zoe = await server.add(owner, 'Zoe', 'owner');
    await owner.post(`/api/users/${zoe.id}`, { active: false });
    expect(await last({ active: false })).toEqual([409, 'last-owner']);
    await owner.post(`/api/users/${zoe.id}`, { active: true });
    expect(await last({ role: 'engineer' })).toEqual([200, undefined]);
    expect((await owner.get('/api/users')).status).toBe(401);
  });

  it('two owners who remove each other at once leave one', async () => {
    const server = await startServer();
    const ada = await server.owner();
    const [first] = server.access.users.list();
    const { users } = server.access;
    const second = await server.add(ada, 'Zoe', 'owner');
    const ends = await Promise.allSettled([
      users.change(second.id, { active: false }, first?.id ?? ''),
      users.change(first?.id ?? '', { role: 'operator' }, second.id),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(ends[1]).toMatchObject({ reason: { statusCode: 409, code: 'last-owner' } });
    expect(server.access.users.owners()).toHaveLength(1);
    expect(server.access.needsOwner()).toBe(false);
  });

  it('a name is one user, also when it is added twice at once', async () => {
    const server = await startServer();
    const owner = await server.owner();
    const answers = await Promise.all(
      ['Olga', 'OLGA', 'olga ', 'ｏlga'].map((name) =>
        owner.post('/api/users', { name, role: 'operator', password: PASSWORD }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it('a change says who made it, and one that changes nothing is none', async () => {
    const server = await startServer();
    const owner = await server.owner();
    const [ada] = server.access.users.list();
    const { id } = await server.add(owner, 'Olga', 'operator');
    const change = (body: object) => owner.post(`/api/users/${id}`, body);
    expect((await change({ role: 'quality' })).body).toMatchObject({ role: 'quality', active: true });
    expect((await change({ role: 'quality', active: true })).status).toBe(200);
    expect((await change({ active: false })).body).toMatchObject({ role: 'quality', active: false });
    expect((await change({})).status).toBe(422);
    expect((await change({ role: 'king' })).status).toBe(422);
    expect((await owner.post('/api/users/user:none', { active: false })).status).toBe(404);
    expect(server.facts('user-changed').map(({ subject, body }) => [subject, body])).toEqual([
      [id, { user: id, role: 'quality', active: null, by: ada?.id }],
      [id, { user: id, role: null, active: false, by: ada?.id }],
    ]);
  });

  it('are not added where the journal cannot commit', async () => {
    const server = await startServer();
    const owner = await server.owner();
    server.journal.db.exec('PRAGMA query_only = ON');
    const add = () => owner.post('/api/users', { name: 'Olga', role: 'operator', password: PASSWORD });
    const { status, body } = await add();
    expect([status, body.error.code]).toEqual([503, 'record-failing']);
    server.journal.db.exec('PRAGMA query_only = OFF');
    expect(server.access.users.list()).toHaveLength(1);
    expect((await add()).status).toBe(200);
  });
});

describe('the fold of users', () => {
  it('made anew gives the same users', async () => {
    const change = fc.record({
      user: fc.integer({ min: 0, max: 5 }),
      role: fc.option(fc.constantFrom(...ROLES)),
      active: fc.option(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
        const clock = handClock();
        const folder = await ownFolder();
        await using journal = await Journal.open(folder, { nowMs: clock.nowMs, projections: [usersFold] });
        const known = new Map<string, { id: string; name: string; role: string; active: boolean }>();
        for (const { user, role, active } of changes) {
          const id = `user:${user}`;
          const at = { subject: id, atMs: clock.nowMs() };
          const before = known.get(id);
          if (before === undefined) {
            const made = { id, name: `n ${user}`, role: role ?? 'operator', active: true };
            known.set(id, made);
            await journal.append({
              ...at,
              kind: 'user-added',
              body: { user: id, name: made.name, role: made.role, by: null },
            });
          } else {
            known.set(id, { ...before, role: role ?? before.role, active: active ?? before.active });
            await journal.append({ ...at, kind: 'user-changed', body: { user: id, role, active, by: id } });
          }
        }
        expect(allUsers(journal.db)).toEqual([...known.values()]);
        journal.db.exec('DELETE FROM users');
        journal.rebuild([usersFold]);
        expect(allUsers(journal.db)).toEqual([...known.values()]);
      }),
      { seed: 3, numRuns: 12 },
    );
  });
});
