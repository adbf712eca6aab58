// An application as its users write one: it signs somebody in with the
// openid-client package, and asks what its tokens are worth. It reads and prints
// lines of JSON, in turn:
//
//	node relying.mjs FOLDER-OF-NODE_MODULES secret|key|public
//
//	> {"jwks"}                             its public keys
//	< {"issuer", "id", "secret", "callback"}
//	> {"url"}                              where the browser is sent
//	< {"at"}                               where it came back
//	> {"claims", "person", "now", "refreshed", "after", "bye"}
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, kind] = process.argv.slice(2);
const oidc = await import(pathToFileURL(path.join(folder, 'node_modules/openid-client/build/index.js')));
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const say = (line) => console.log(JSON.stringify(line));

const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
say({ jwks: { keys: [{ ...(await crypto.subtle.exportKey('jwk', key.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] } });

const { issuer, id, secret, callback } = await read();
const shown = {
  secret: () => oidc.ClientSecretBasic(secret),
  key: () => oidc.PrivateKeyJwt({ key: key.privateKey, kid: 'one' }),
  public: () => oidc.None(),
}[kind]();
const config = await oidc.discovery(new URL(issuer), id, undefined, shown, { execute: [oidc.allowInsecureRequests] });
const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
const url = oidc.buildAuthorizationUrl(config, {
  redirect_uri: callback, scope: 'openid email offline_access', state, nonce,
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
});
say({ url: url.href });

const { at } = await read();
const tokens = await oidc.authorizationCodeGrant(config, new URL(at), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
const claims = tokens.claims();
const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
const ask = async (token) => (kind === 'public' ? null : oidc.tokenIntrospection(config, token)); // a public client may not
const now = await ask(tokens.access_token);
const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
await oidc.tokenRevocation(config, again.refresh_token);
const after = await ask(again.access_token);
const bye = oidc.buildEndSessionUrl(config, { id_token_hint: again.id_token }).href;
say({ claims, person, now, refreshed: again.access_token !== tokens.access_token && again.claims().sub === claims.sub, after, bye });
process.exit();
