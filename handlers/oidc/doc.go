// Package oidc is the OpenID provider of connected applications: OpenID Connect
// Core 1.0 and Discovery 1.0, the authorization code grant of RFC 6749 with PKCE
// (RFC 7636) required of every client, the client credentials grant for what an
// application does in its own name (RFC 6749, section 4.4), RFC 7662 (introspection), RFC 7009
// (revocation), RFC 9207 (the issuer in answers) and RP-Initiated Logout 1.0.
//
// zitadel/oidc reads and writes what applications send to the token, userinfo and
// revocation endpoints. The endpoints of browsers stand on the hub's session, and
// introspection answers with claims that the library does not know, so that those
// are our own. Whatever is told of a person comes from models/openid.
package oidc
