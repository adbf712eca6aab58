package oidc

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/models/openid"
)

// idTokenLife is how long an ID token may be taken: it is for signing in, and
// nothing that it says of places is true for long.
const idTokenLife = 5 * time.Minute

// server answers what the library read.
type server struct {
	op.UnimplementedServer
	*area
}

// configuration is what clients find out by themselves (OpenID Connect Discovery
// 1.0, section 3; RFC 8414; RFC 9207, section 3).
type configuration struct {
	oidc.DiscoveryConfiguration
	SaysIssuer bool `json:"authorization_response_iss_parameter_supported"`
}

// Discovery describes the provider.
func (s server) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	methods := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost, oidc.AuthMethodPrivateKeyJWT}
	var algorithms []string
	for _, one := range assertionAlgorithms {
		algorithms = append(algorithms, string(one))
	}
	answer := op.NewResponse(configuration{SaysIssuer: true, DiscoveryConfiguration: oidc.DiscoveryConfiguration{
		Issuer: s.issuer, AuthorizationEndpoint: s.issuer + authorizePath, TokenEndpoint: s.issuer + tokenPath, UserinfoEndpoint: s.issuer + userinfoPath,
		IntrospectionEndpoint: s.issuer + introspectPath, RevocationEndpoint: s.issuer + revokePath, EndSessionEndpoint: s.issuer + logoutPath, JwksURI: s.issuer + keysPath,
		ScopesSupported: slices.Concat(openid.Scopes, openid.OwnScopes), ResponseTypesSupported: []string{string(oidc.ResponseTypeCode)}, ResponseModesSupported: []string{string(oidc.ResponseModeQuery)},
		GrantTypesSupported: []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeClientCredentials}, SubjectTypesSupported: []string{"public"},
		IDTokenSigningAlgValuesSupported:  []string{string(signs)},
		TokenEndpointAuthMethodsSupported: append(methods, oidc.AuthMethodNone), TokenEndpointAuthSigningAlgValuesSupported: algorithms,
		RevocationEndpointAuthMethodsSupported: append(methods, oidc.AuthMethodNone), RevocationEndpointAuthSigningAlgValuesSupported: algorithms,
		IntrospectionEndpointAuthMethodsSupported: methods, IntrospectionEndpointAuthSigningAlgValuesSupported: algorithms,
		ClaimsSupported: []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "nonce", "at_hash", "sid", "client_id", "username", "org_id", "org_name", "org_hue", "roles", "act",
			"delegation", "ctx_epoch", "name", "locale", "zoneinfo", "email", "email_verified"},
		CodeChallengeMethodsSupported: []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
		BackChannelLogoutSupported:    true, BackChannelLogoutSessionSupported: true}})
	return answer, nil
}

// Keys are those by which signatures can be checked.
func (s server) Keys(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	set, err := s.Signing.Public(ctx)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return op.NewResponse(set), nil
}

// VerifyClient finds out which client asks.
func (s server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	row, err := s.slowed(ctx, *r.Data, requestOf(ctx), true)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return relying{row}, nil
}

// CodeExchange gives tokens for a code.
func (s server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	grant, err := s.Provider.Exchange(ctx, r.Client.GetID(), r.Data.Code, r.Data.RedirectURI, r.Data.CodeVerifier)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return s.issued(ctx, grant)
}

// RefreshToken gives new tokens for a refresh token.
func (s server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	grant, err := s.Provider.Refresh(ctx, r.Client.GetID(), r.Data.RefreshToken, r.Data.Scopes)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return s.issued(ctx, grant)
}

// ClientCredentialsExchange gives a client a token of its own (RFC 6749, section
// 4.4): no person stands behind it, and no refresh token comes with it.
func (s server) ClientCredentialsExchange(ctx context.Context, r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	asks, known := r.Client.(relying)
	if !known {
		return nil, s.failed(ctx, noCredentials())
	}
	text, row, err := s.Provider.GiveOwn(ctx, asks.Shown, r.Data.Scope)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return op.NewResponse(oidc.AccessTokenResponse{AccessToken: text, TokenType: oidc.BearerToken, ExpiresIn: uint64(openid.TokenLife.Seconds()),
		Scope: row.Asked()}), nil
}

// issued is the answer of the token endpoint.
func (s server) issued(ctx context.Context, g openid.Grant) (*op.Response, error) {
	scopes := openid.Told{Token: g.Token, By: g.Authorization, Answer: g.Answer}.Scopes()
	c := s.claimsOf(g.Answer, scopes)
	c.IssuedAt, c.Expires, c.Nonce = g.Token.CreatedAt.Unix(), until(g.Token.CreatedAt.Add(idTokenLife), g.Answer).Unix(), g.Nonce
	var err error
	if c.AtHash, err = oidc.ClaimHash(g.Access, signs); err != nil {
		return nil, s.failed(ctx, err)
	}
	id, err := s.Signing.Sign(ctx, signs, "JWT", c)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return op.NewResponse(oidc.AccessTokenResponse{AccessToken: g.Access, TokenType: oidc.BearerToken, RefreshToken: g.Refresh, IDToken: id,
		ExpiresIn: uint64(max(0, g.Token.ExpiresAt.Sub(g.Token.CreatedAt.Time).Seconds())), Scope: scopes}), nil
}

// UserInfo tells of who stands behind an access token.
func (s server) UserInfo(ctx context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	told, ok, err := s.Provider.Tell(ctx, r.Data.AccessToken, "")
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	if !ok {
		return nil, op.NewStatusError(&oidc.Error{ErrorType: "invalid_token"}, http.StatusUnauthorized)
	}
	c := s.claimsOf(told.Answer, told.Scopes())
	c.AuthTime, c.AMR = 0, nil // of the sign-in, not of the person
	return op.NewResponse(c), nil
}

// Revocation takes a token back.
func (s server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	if err := s.Provider.Revoke(ctx, r.Client.GetID(), r.Data.Token); err != nil {
		return nil, s.failed(ctx, err)
	}
	return op.NewResponse(struct{}{}), nil
}

type requestKey struct{}

// requestOf is the request behind a context of the library.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}
