package oidc

import (
	"context"
	"net/http"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/models"
	"locum/models/client"
)

// relying is a registration as the library knows clients.
type relying struct{ client.Shown }

// GetID is the client_id.
func (c relying) GetID() string { return c.ApplicationID }

// RedirectURIs are compared as they are.
func (c relying) RedirectURIs() []string { return c.Redirects() }

// PostLogoutRedirectURIs are where somebody may go once he signed out.
func (c relying) PostLogoutRedirectURIs() []string { return c.PostLogouts() }

// ApplicationType is web for all: what may be registered was checked by then.
func (c relying) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// AuthMethod is how the client shows that it is the one.
func (c relying) AuthMethod() oidc.AuthMethod {
	switch c.Kind {
	case client.ByKey:
		return oidc.AuthMethodPrivateKeyJWT
	case client.Public:
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodBasic
}

// ResponseTypes is the code alone.
func (c relying) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes are the same for every client, but that one which shows nothing gets
// no token of its own (RFC 6749, section 4.4).
func (c relying) GrantTypes() []oidc.GrantType {
	if c.Kind == client.Public {
		return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
	}
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeClientCredentials}
}

// LoginURL is not asked for: the hub signs people in by itself.
func (c relying) LoginURL(string) string { return authorizePath }

// AccessTokenType is opaque always, so that introspection is the authority.
func (c relying) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }

// IDTokenLifetime is how long an ID token may be taken.
func (c relying) IDTokenLifetime() time.Duration { return idTokenLife }

// DevMode opens nothing.
func (c relying) DevMode() bool { return false }

// RestrictAdditionalIdTokenScopes leaves scopes to models/openid.
func (c relying) RestrictAdditionalIdTokenScopes() func([]string) []string { return same }

// RestrictAdditionalAccessTokenScopes leaves scopes to models/openid.
func (c relying) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

// IsScopeAllowed leaves scopes to models/openid.
func (c relying) IsScopeAllowed(string) bool { return true }

// IDTokenUserinfoClaimsAssertion puts the claims of the scopes into ID tokens.
func (c relying) IDTokenUserinfoClaimsAssertion() bool { return true }

// ClockSkew forgives nothing: what is issued carries the hub's own clock.
func (c relying) ClockSkew() time.Duration { return 0 }

func same(scopes []string) []string { return scopes }

// authenticate finds out which client asks (RFC 6749, section 2.3; OpenID Connect
// Core 1.0, section 9). A public one is taken at its word, where public ones may
// ask.
func (a *area) authenticate(ctx context.Context, in op.ClientCredentials, public bool) (client.Shown, error) {
	if in.ClientAssertion != "" {
		return a.byAssertion(ctx, in)
	}
	if in.ClientSecret != "" {
		return a.Clients.Authenticate(ctx, in.ClientID, in.ClientSecret)
	}
	row, err := a.Clients.ByID(ctx, in.ClientID)
	if err == nil && public && row.Kind == client.Public {
		return client.Shown{Client: row}, nil
	}
	if err == nil || models.KindOf(err) == models.NotFound {
		err = noCredentials()
	}
	return client.Shown{}, err
}

func noCredentials() error { return models.Fail(models.Unauthenticated, "client.error.credentials") }

// slowed counts, by address, those who fail to show which client they are.
func (a *area) slowed(ctx context.Context, in op.ClientCredentials, r *http.Request, public bool) (client.Shown, error) {
	key := in.ClientID
	if a.failures.Reached(r, key) {
		return client.Shown{}, models.Fail(models.TooMany, "web.too_many")
	}
	row, err := a.authenticate(ctx, in, public)
	switch {
	case err == nil:
		a.failures.Right(row.ApplicationID)
	case models.KindOf(err) == models.Unauthenticated:
		a.failures.Wrong(r, "")
	}
	return row, err
}
