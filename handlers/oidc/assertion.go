package oidc

import (
	"context"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/models/client"
)

// assertionAlgorithms are those by which clients may sign: public keys alone, and
// nothing that a client could sign with what everybody knows.
var assertionAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

const (
	// mostAssertion is how far off an assertion may run out: it is remembered for
	// that long.
	mostAssertion = 10 * time.Minute
	// skew is how far a client's clock may be off.
	skew = 30 * time.Second
)

// byAssertion finds out which client signed an assertion (private_key_jwt: OpenID
// Connect Core 1.0, section 9; RFC 7523, section 3), and takes it once.
func (a *area) byAssertion(ctx context.Context, in op.ClientCredentials) (client.Shown, error) {
	if len(in.ClientAssertion) > 10_000 {
		return client.Shown{}, noCredentials()
	}
	token, err := jwt.ParseSigned(in.ClientAssertion, assertionAlgorithms)
	if err != nil {
		return client.Shown{}, noCredentials()
	}
	var said jwt.Claims
	if token.UnsafeClaimsWithoutVerification(&said) != nil || in.ClientID != "" && in.ClientID != said.Issuer {
		return client.Shown{}, noCredentials()
	}
	row, err := a.Clients.ByID(ctx, said.Issuer)
	if err != nil {
		return client.Shown{}, unknownClient(err)
	}
	if row.Kind != client.ByKey {
		return client.Shown{}, noCredentials()
	}
	key, signed := signedBy(token, row, &said)
	if !signed || !a.fits(said, row.ApplicationID) {
		return client.Shown{}, noCredentials()
	}
	by, err := client.Thumbprint(key)
	if err != nil {
		return client.Shown{}, noCredentials()
	}
	return client.Shown{Client: row, By: by}, a.Provider.UseAssertion(ctx, row.ApplicationID, said.ID, said.Expiry.Time().Add(skew))
}

// signedBy finds the key of a client by which a token was signed, and reads its
// claims.
func signedBy(token *jwt.JSONWebToken, row client.Client, said *jwt.Claims) (key jose.JSONWebKey, there bool) {
	set, err := row.Keys()
	if err != nil {
		return key, false
	}
	kid := token.Headers[0].KeyID
	at := slices.IndexFunc(set.Keys, func(k jose.JSONWebKey) bool {
		if kid != "" && k.KeyID != "" && kid != k.KeyID || k.Use == "enc" || k.Algorithm != "" && k.Algorithm != token.Headers[0].Algorithm {
			return false
		}
		return token.Claims(k.Key, said) == nil
	})
	if at < 0 {
		return key, false
	}
	return set.Keys[at], true
}

// fits says whether an assertion is one of this client, for this hub, now.
func (a *area) fits(said jwt.Claims, application string) bool {
	now := a.Now()
	forUs := slices.ContainsFunc([]string{a.issuer, a.issuer + tokenPath, a.issuer + introspectPath, a.issuer + revokePath}, said.Audience.Contains)
	return forUs && said.Subject == application && said.ID != "" && len(said.ID) <= 255 && said.Expiry != nil &&
		said.ValidateWithLeeway(jwt.Expected{Issuer: application, Time: now}, skew) == nil && said.Expiry.Time().Before(now.Add(mostAssertion+skew))
}
