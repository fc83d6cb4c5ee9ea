// A real identity provider in a process of its own: `node oidc-child.mjs`. Says its origin on the first line of stdout.
// `/control` is the test's: who signs in next, and an ID token to hand out instead of the one that was asked for.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const CALLBACK = 'https://plant.example/api/sign-in/oidc/callback';
const state = { account: 'ada', people: {}, idToken: null, down: false, behindMs: 0 };
// The provider's clock, set back by the test.
const now = Date.now;
Date.now = () => now() - state.behindMs;
const server = createServer((request, response) => {
  if (request.url === '/control') return control(request, response);
  if (state.down) return void response.destroy();
  return handle(request, response);
});
let handle;

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: ['selvedge', 'another'].map((id) => ({
      client_id: id,
      client_secret: `secret of ${id}`,
      redirect_uris: [CALLBACK],
    })),
    pkce: { required: () => false },
    claims: { openid: ['sub'], profile: ['name', 'groups', 'email', 'realm'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['only a test'] },
    // The claims come by UserInfo, as the standard would have it.
    conformIdTokenClaims: true,
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...state.people[sub] }) }),
    // Nobody is asked whether the client may: the company said so.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith('/interaction/')) {
      const result =
        state.account === null
          ? { error: 'access_denied', error_description: '<script>alert(1)</script>' }
          : { login: { accountId: state.account, remember: false } };
      return provider.interactionFinished(ctx.req, ctx.res, result);
    }
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token && state.idToken !== null)
      ctx.body = { ...ctx.body, id_token: state.idToken };
  });
  handle = provider.callback();
  process.stdout.write(`${issuer}\n`);
});

function control(request, response) {
  let text = '';
  request.on('data', (part) => {
    text += part;
  });
  request.on('end', () => {
    Object.assign(state, JSON.parse(text));
    response.end('{}');
  });
}

// Ends with the test that started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
