package oidc

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/handlers/web"
	"locum/models/access"
	"locum/models/client"
	"locum/models/openid"
)

// The endpoints.
const (
	discoveryPath  = "/.well-known/openid-configuration"
	authorizePath  = "/oauth/authorize"
	tokenPath      = "/oauth/token"
	userinfoPath   = "/oauth/userinfo"
	introspectPath = "/oauth/introspect"
	revokePath     = "/oauth/revoke"
	keysPath       = "/oauth/keys"
	logoutPath     = "/oauth/logout"
)

// signs is the algorithm of ID tokens: the one that every client knows (OpenID
// Connect Core 1.0, section 15.1).
const signs = jose.RS256

// Config is what the area is made of.
type Config struct {
	PublicURL *url.URL // the issuer
	Provider  *openid.Provider
	Clients   *client.Clients
	Sessions  *access.Sessions
	Signing   *client.Keys
	Now       func() time.Time
	Log       *slog.Logger // slog.Default without it
}

type area struct {
	Config
	issuer   string
	failures *web.Failures
	address  func(*http.Request) string
}

// Mount registers the area's routes. Those of machines know no cookie, so that
// pages of other sites, of public clients, may ask them too.
func Mount(app *web.App, config Config) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	a := &area{Config: config, issuer: strings.TrimSuffix(config.PublicURL.String(), "/"), failures: app.Failures(), address: app.Address}
	protocol := op.RegisterServer(server{area: a}, op.Endpoints{Token: op.NewEndpoint(tokenPath), Userinfo: op.NewEndpoint(userinfoPath),
		Revocation: op.NewEndpoint(revokePath), JwksURI: op.NewEndpoint(keysPath)}, op.WithFallbackLogger(slog.New(slog.DiscardHandler)), op.WithServerCORSOptions(nil))

	app.Raw("GET "+discoveryPath, a.shared(protocol))
	app.Raw("GET "+keysPath, a.shared(protocol))
	app.Raw("POST "+tokenPath, a.shared(strict(known(protocol))), web.CrossSite, web.ByToken)
	app.Raw("POST "+revokePath, a.shared(strict(known(protocol))), web.CrossSite, web.ByToken)
	app.Raw("GET "+userinfoPath, a.shared(protocol))
	app.Raw("POST "+userinfoPath, a.shared(protocol), web.CrossSite, web.ByToken)
	for _, path := range []string{discoveryPath, keysPath, tokenPath, revokePath, userinfoPath} {
		app.Raw("OPTIONS "+path, http.HandlerFunc(preflight))
	}
	// Asked at each step of whoever uses an application: it is not for the limit on
	// one address to stop that.
	app.Raw("POST "+introspectPath, strict(http.HandlerFunc(a.introspect)), web.CrossSite, web.ByToken, web.Unlimited, web.Pageless)

	app.Open("GET "+authorizePath, a.authorize, web.TellsEnd)
	app.Open("POST "+authorizePath, a.authorizeByPost, web.CrossSite)
	app.Open("GET "+authorizePath+"/{id}", a.resume, web.TellsEnd)
	app.Open("GET "+logoutPath, a.logout)
	app.Open("POST "+logoutPath, a.logoutByPost, web.CrossSite)
	app.Open("POST "+logoutPath+"/confirm", a.confirm, web.AnyEpoch)
}
