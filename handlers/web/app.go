package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"locum/models"
	"locum/views/layout"
)

// Sessions is what the web layer asks of models/access: who stands behind a
// token now, and what changes about him.
type Sessions interface {
	// Actor is who the session of the token is for; the zero Actor when there is
	// no live session. For reads it may be half a second old.
	Actor(ctx context.Context, token string) (models.Actor, error)
	// Settle notes that the person has been told of Actor.Ended.
	Settle(ctx context.Context, by models.Actor) error
	// Hold notes that the person's visit does not go on: see Actor.Needs.
	Hold(ctx context.Context, by models.Actor) error
	// Seen notes that the session is in use.
	Seen(ctx context.Context, by models.Actor)
	// Follow signals that something about the session may have changed, until
	// the function is called.
	Follow(by models.Actor) (<-chan string, func())
}

// Config is what an App is made of. Every field that says so may be left out.
type Config struct {
	// PublicURL is the address people use: http only with a loopback host.
	PublicURL *url.URL
	// CookieKeys sign the cookies, each of 32 bytes or more. The first signs,
	// the others are still taken, so that a key can be replaced.
	CookieKeys [][]byte
	Sessions   Sessions
	// Places are the organizations of the switcher. Without it there are none.
	Places func(ctx context.Context, by models.Actor) ([]layout.Place, error)
	// Counts stand beside the links of the navigation, by address. Optional.
	Counts func(ctx context.Context, by models.Actor) (map[string]int, error)
	// Underway are the operators who set up the person's company on its behalf
	// now: its pages say so. Optional.
	Underway func(ctx context.Context, by models.Actor) ([]layout.SetUp, error)
	// BreakGlass are the break-glass sessions that pages of a company tell of.
	// Optional.
	BreakGlass func(ctx context.Context, by models.Actor) ([]layout.BreakGlass, error)
	// Bell is what every page says of the person's inbox. Optional.
	Bell func(ctx context.Context, by models.Actor) (layout.Bell, error)
	// Refuse derives authority anew and records the refusal. It returns the
	// error to answer with, or nil when the person may by now. Without it the
	// refusal is answered and logged alone.
	Refuse func(ctx context.Context, by models.Actor, need models.Permission) error
	// Resume brings a session that was just opened to where its person worked last,
	// if he wished that, and says what he is told; false when he stays at home.
	// Optional.
	Resume func(ctx context.Context, token, address string) (models.Message, bool, error)
	// Speak keeps the language a signed-in person chose. Optional.
	Speak func(ctx context.Context, by models.Actor, language string) error
	// Ready says whether requests can be served. Optional.
	Ready func(ctx context.Context) error
	Log   *slog.Logger     // slog.Default without it
	Now   func() time.Time // time.Now without it
	// TrustedProxies may say in X-Forwarded-For for whom they ask.
	TrustedProxies []netip.Prefix
	// MetricsFrom may read /metrics; loopback alone when empty.
	MetricsFrom []netip.Prefix
	Limits      Limits
}

// Limits are how much and how often. A zero field takes the default, a
// negative one switches the limit off.
type Limits struct {
	Body      int64         // bytes of a request's body; 1 MB
	Requests  int           // a minute from one address; 1200
	Token     int           // a minute with one bearer token; 600
	Anonymous int           // changing requests a minute from one address without a session; 60
	Time      time.Duration // of one request; 30 s
	Streams   int           // open at once in one session; 6
}

// App serves everything that browsers and protocols ask of Locum.
type App struct {
	config   Config
	mux      *http.ServeMux
	routes   []Route
	pageless map[string]bool // by path
	cookies  cookies
	origin   *http.CrossOriginProtection
	limits   limiter
	metrics  *metrics
	streams  streams
	clock    clock

	closing chan struct{}
	close   sync.Once
}

// New makes an App that serves its own routes: /live, /language, /fill-in,
// /account/theme, /healthz, /readyz and /metrics. The areas mount the rest.
func New(config Config) (*App, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	a := &App{
		config:   config,
		mux:      http.NewServeMux(),
		pageless: map[string]bool{},
		cookies:  newCookies(config.PublicURL, config.CookieKeys),
		origin:   http.NewCrossOriginProtection(),
		limits:   newLimiter(config.Limits),
		metrics:  newMetrics(),
		streams:  streams{open: map[string]int{}, most: config.Limits.Streams},
		clock:    wallClock,
		closing:  make(chan struct{}),
	}
	// Behind a proxy the Host header may be another one than people see.
	if err := a.origin.AddTrustedOrigin(config.PublicURL.Scheme + "://" + config.PublicURL.Host); err != nil {
		return nil, fmt.Errorf("web: public address: %w", err)
	}
	a.mountPreferences()
	a.mountRefill()
	a.mountLive()
	a.mountHealth()
	return a, nil
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Limits.Body = orDefault(c.Limits.Body, 1<<20)
	c.Limits.Requests = orDefault(c.Limits.Requests, 1200)
	c.Limits.Token = orDefault(c.Limits.Token, 600)
	c.Limits.Anonymous = orDefault(c.Limits.Anonymous, 60)
	c.Limits.Time = orDefault(c.Limits.Time, 30*time.Second)
	c.Limits.Streams = orDefault(c.Limits.Streams, 6)
	return c
}

func orDefault[T int | int64 | time.Duration](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}

func (c Config) check() error {
	switch {
	case c.PublicURL == nil || c.PublicURL.Host == "":
		return errors.New("web: the public address is missing")
	case c.PublicURL.Scheme != "https" && c.PublicURL.Scheme != "http":
		return fmt.Errorf("web: the public address %s is neither https nor http", c.PublicURL)
	case c.PublicURL.Scheme == "http" && !loopback(c.PublicURL.Host):
		return fmt.Errorf("web: the public address %s must be https: without it only this machine is served", c.PublicURL)
	case c.PublicURL.Path != "" && c.PublicURL.Path != "/":
		return fmt.Errorf("web: the public address %s must have no path", c.PublicURL)
	case len(c.CookieKeys) == 0:
		return errors.New("web: a key for the cookies is missing")
	case c.Sessions == nil:
		return errors.New("web: the sessions are missing")
	}
	for _, key := range c.CookieKeys {
		if len(key) < 32 {
			return errors.New("web: a key for the cookies has fewer than 32 bytes")
		}
	}
	return nil
}

func (c Config) secure() bool { return c.PublicURL.Scheme == "https" }

// Absolute is the address people use for a local path, as mails need it.
func (a *App) Absolute(path string) string {
	return a.config.PublicURL.Scheme + "://" + a.config.PublicURL.Host + path
}

// Handler is the whole of the App: what surrounds every request, and then its
// route. It is called once, after the areas have mounted their routes.
func (a *App) Handler() http.Handler {
	return a.observed( // id, log line and metrics
		a.recovered( // a panic is an internal error
			a.guarded( // headers, host, rate
				http.HandlerFunc(a.dispatch))))
}

// dispatch finds the route. What has none is answered like what a person may
// not see.
func (a *App) dispatch(w http.ResponseWriter, r *http.Request) {
	handler, pattern := a.mux.Handler(r)
	switch {
	case strings.Contains(pattern, "{"): // it fills r.PathValue
		a.mux.ServeHTTP(w, r)
		return
	case pattern != "":
		handler.ServeHTTP(w, r)
		return
	}
	if err := a.before(w, r, Route{}); err != nil {
		a.fail(w, r, err)
		return
	}
	var status statusOnly
	handler.ServeHTTP(&status, r)
	if status.code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", status.Header().Get("Allow"))
		a.fail(w, r, &models.Error{Kind: models.NotFound, Key: keyMethod})
		return
	}
	a.fail(w, r, models.Unknown())
}

// statusOnly learns what the standard library would have answered.
type statusOnly struct {
	header http.Header
	code   int
}

func (s *statusOnly) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}

func (s *statusOnly) WriteHeader(code int) { s.code = code }

func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

// Server is an HTTP server for the App with limits on headers and time. Its
// Shutdown ends the open streams.
func (a *App) Server() *http.Server {
	server := &http.Server{
		Handler:           a.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       a.config.Limits.Time,
		WriteTimeout:      a.config.Limits.Time + 10*time.Second, // streams set their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.config.Log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return context.Background() },
	}
	server.RegisterOnShutdown(a.Close)
	return server
}

// Close ends the open streams; browsers connect again, to another replica.
func (a *App) Close() { a.close.Do(func() { close(a.closing) }) }
