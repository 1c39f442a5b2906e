// oidc-provider over TLS on loopback; its one argument is a JSON file: issuer, port, tls, jwks, audience, scopes,
// clients and the claims that their tokens have. It says "ready" on its standard output.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));

const provider = new Provider(given.issuer, {
  jwks: given.jwks,
  scopes: given.scopes,
  clients: given.clients.map((client) => ({
    client_id: client.client_id,
    jwks: client.jwks,
    dpop_bound_access_tokens: client.dpop,
    scope: given.scopes.join(" "),
    token_endpoint_auth_method: "private_key_jwt",
    id_token_signed_response_alg: given.jwks.keys[0].alg,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  })),
  extraTokenClaims: (_, token) => given.clients.find((client) => client.client_id === token.clientId).claims,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: given.scopes.join(" "),
        audience: given.audience,
        accessTokenFormat: "jwt",
        accessTokenTTL: 600,
        jwt: { sign: { alg: given.jwks.keys[0].alg } },
      }),
    },
  },
});

createServer(given.tls, provider.callback()).listen(given.port, "127.0.0.1", () => console.log("ready"));
