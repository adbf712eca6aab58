// Package forwardauth is where reverse proxies ask whether a request may pass to
// an application, and as whom: Caddy's forward_auth, Traefik's ForwardAuth and
// nginx's auth_request. It is told of the browser by a cookie on the
// application's host, and answers in headers that the proxy passes on.
//
// What is asked, and about whom, comes from the headers of a trusted proxy and
// from the cookie: never from the address of the request, into which some proxies
// copy what the browser sent.
package forwardauth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/client"
)

// Config is what the area is made of.
type Config struct {
	PublicURL *url.URL
	// Domain is the parent domain that the hub shares with its applications, such
	// as "example.com": one cookie then counts for all of them. Where it is empty,
	// each host gets a cookie of its own.
	Domain  string
	Clients *client.Clients
	Passes  *client.Passes
	// Answer tells what an application may know of a session: access.Sessions.Answer.
	Answer func(ctx context.Context, session, application, address string) (access.Answer, error)
	// Deny records that something was denied to a visitor: access.Sessions.Deny.
	Deny func(ctx context.Context, by models.Actor) error
	Seen func(ctx context.Context, by models.Actor)
	// Sign makes a JWT: client.Keys.Sign.
	Sign func(ctx context.Context, by jose.SignatureAlgorithm, typ string, claims any) (string, error)
	Now  func() time.Time
	Log  *slog.Logger // slog.Default without it
}

type area struct {
	Config
	app     *web.App
	letters letters
}

// The paths of the hub, and those on the hosts of applications, which the proxy
// sends on to the first.
const (
	verifyPath   = "/auth/verify"
	startPath    = "/auth/start"
	callbackPath = "/auth/callback"
	signOutPath  = "/auth/sign-out"
	deniedPath   = "/auth/denied"
	failedPath   = "/auth/failed"
	leftPath     = "/auth/left"

	hostCallback = "/.locum/callback"
	hostSignOut  = "/.locum/sign-out"
)

// Check says whether the hub can set a cookie for a parent domain.
func Check(public *url.URL, domain string) error {
	if domain == "" {
		return nil
	}
	if public.Scheme != "https" || !inDomain(strings.ToLower(public.Hostname()), domain) || !strings.Contains(domain, ".") || domain != strings.ToLower(domain) || strings.HasPrefix(domain, ".") {
		return fmt.Errorf("LOCUM_FORWARD_DOMAIN %q must be a domain, such as example.com, in which the hub itself (%s) is served by https", domain, public)
	}
	return nil
}

// inDomain says whether a host, without its port, is a domain or in it.
func inDomain(host, domain string) bool {
	return domain != "" && (host == domain || strings.HasSuffix(host, "."+domain))
}

// Mount registers the area's routes.
func Mount(app *web.App, config Config) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	a := &area{Config: config, app: app, letters: letters{held: map[letterFor]letter{}}}
	// The GET route takes HEAD too. Proxies ask for many people from one address.
	app.Raw("GET "+verifyPath, a, web.Unlimited, web.Pageless)
	app.Raw("GET "+callbackPath, http.HandlerFunc(a.callback), web.Counted)
	app.Raw("GET "+signOutPath, http.HandlerFunc(a.signOut), web.Counted)
	app.Signed("GET "+startPath, a.start)
	app.Open("GET "+deniedPath, a.denied, web.TellsEnd)
	app.Open("GET "+failedPath, a.failed)
	app.Open("GET "+leftPath, a.left)
}
