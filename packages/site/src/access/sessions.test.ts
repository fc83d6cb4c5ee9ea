import { describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../test/access/kit.js';

async function withOperator(options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options);
  const { id } = await server.add(await server.owner(), 'Olga', 'operator');
  return { server, id };
}

describe('the end of a session', () => {
  const ends = (server: Server) =>
    server.facts('signed-out').map(({ body }) => body as { user: string; why: string });

  it('is in the journal: signed out, in the place of another, unused, at its longest, crowded out', async () => {
    const { server, id } = await withOperator({ sessions: { mostPerUser: 2 } });
    const own = server.browser();
    await own.signIn('Olga');
    await own.signIn('Olga');
    await own.post('/api/sign-out');
    expect(ends(server)).toEqual([
      { user: id, why: 'renewed' },
      { user: id, why: 'own' },
    ]);
    for (let i = 0; i < 3; i += 1) {
      server.clock.pass(1_000);
      await server.browser().signIn('Olga');
    }
    expect(ends(server).slice(2)).toEqual([{ user: id, why: 'crowded' }]);
    const kept = server.browser();
    server.clock.pass(12 * 3_600_000);
    await server.access.endOld();
    // The owner of the test has not asked for anything since either.
    expect(
      ends(server)
        .slice(3)
        .map(({ why }) => why),
    ).toEqual(['idle', 'idle', 'idle']);
    await kept.signIn('Olga');
    for (let h = 0; h < 7 * 24; h += 8) {
      await kept.get('/api/passkeys');
      server.clock.pass(8 * 3_600_000);
    }
    await server.access.endOld();
    await server.access.endOld();
    expect(ends(server).slice(6)).toEqual([{ user: id, why: 'longest' }]);
    expect((await kept.get('/api/passkeys')).status).toBe(401);
  });

  it('is written once where two look at the same time, and not lost where the journal cannot commit', async () => {
    const { server } = await withOperator();
    await server.browser().signIn('Olga');
    server.clock.pass(12 * 3_600_000);
    server.journal.db.exec('PRAGMA query_only = ON');
    await expect(server.access.endOld()).rejects.toThrow();
    server.journal.db.exec('PRAGMA query_only = OFF');
    await Promise.all([server.access.endOld(), server.access.endOld()]);
    expect(ends(server)).toHaveLength(2);
  });
});
