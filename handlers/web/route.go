package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"locum/models"
)

// Handler answers one request: it decodes, calls one domain operation, and says
// what to show. An error becomes the page for its kind.
type Handler func(*Request) (Response, error)

// Protection is who may use a route.
type Protection string

// The protections, from open to closed.
const (
	RawRoute        Protection = "raw"        // the handler protects itself
	OpenRoute       Protection = "open"       // anybody, signed in or not
	SignedRoute     Protection = "signed"     // any signed-in person
	PermissionRoute Protection = "permission" // who holds the permission where he works
)

// Route is one registered way in.
type Route struct {
	Method     string // empty for any, which only raw routes have
	Pattern    string // of http.ServeMux, without the method
	Protection Protection
	Permission models.Permission // of a PermissionRoute
	AnyEpoch   bool
	CrossSite  bool
	Unlimited  bool
	Counted    bool
	ByToken    bool
	TellsEnd   bool
	Pageless   bool

	body     int64  // its own limit, or 0
	live     bool   // a stream: it neither counts as activity nor runs out of time
	withheld string // names of fields, separated by a space
}

// Label names the route in logs and metrics: "GET /members".
func (r Route) Label() string { return strings.TrimSpace(r.Method + " " + r.Pattern) }

// Option changes what a route is protected from.
type Option func(*Route)

// AnyEpoch takes forms that were rendered before a switch: for switching
// itself, signing in and out, language and theme.
func AnyEpoch(r *Route) { r.AnyEpoch = true }

// CrossSite takes requests that other sites made the browser send: for the
// SAML ACS, the SLO POST and the cookie-less OAuth endpoints, and nothing else.
// They carry no session, and so no epoch.
func CrossSite(r *Route) { r.CrossSite, r.AnyEpoch = true, true }

// Counted counts towards the tighter limit on what people do before they have
// a session, though it changes nothing: it costs work that anybody can ask for.
func Counted(r *Route) { r.Counted = true }

// ByToken does not count towards the limit on changes without a session: for
// machines, of which many come from one address. The handler counts by their
// tokens (Tokens), and those who bring none that is right (Failures).
func ByToken(r *Route) { r.ByToken = true }

// TellsEnd says that the handler itself tells a person that his visit is over, and
// what that means for what he asked for.
func TellsEnd(r *Route) { r.TellsEnd = true }

// Unlimited does not count towards the limit on requests: for assets and for
// what balancers ask.
func Unlimited(r *Route) { r.Unlimited = true }

// Pageless leaves out of the answers what browsers are told about pages: for what
// answers machines alone, whose answers a proxy may hand on under another name. A
// failure that is shown as a page has it all the same.
func Pageless(r *Route) { r.Pageless = true }

// Withheld names fields of the route's form that are never shown again, whatever
// becomes of it: secrets whose names do not tell that they are.
func Withheld(fields ...string) Option {
	return func(r *Route) { r.withheld = strings.Join(fields, " ") }
}

// Body lets the route take a body of so many bytes.
func Body(bytes int64) Option { return func(r *Route) { r.body = bytes } }

func live(r *Route) { r.live = true }

// Open registers a route for anybody, signed in or not.
func (a *App) Open(pattern string, handle Handler, options ...Option) {
	a.route(pattern, Route{Protection: OpenRoute}, handle, options)
}

// Signed registers a route for any signed-in person. Others are sent to sign
// in, and come back.
func (a *App) Signed(pattern string, handle Handler, options ...Option) {
	a.route(pattern, Route{Protection: SignedRoute}, handle, options)
}

// With registers a route for those who hold the permission where they work
// now. Others get 403, and the refusal is recorded.
func (a *App) With(need models.Permission, pattern string, handle Handler, options ...Option) {
	a.route(pattern, Route{Protection: PermissionRoute, Permission: need}, handle, options)
}

// Raw registers a handler that protects itself: a protocol's endpoint, assets,
// health. It knows no session, and passes the cross-origin protection unless
// it is CrossSite.
func (a *App) Raw(pattern string, handler http.Handler, options ...Option) {
	route := a.register(pattern, Route{Protection: RawRoute}, options)
	label := route.Label()
	a.mux.Handle(label, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).route = label
		if err := a.before(w, r, route); err != nil {
			a.fail(w, r, err)
			return
		}
		handler.ServeHTTP(w, r)
	}))
}

// Routes lists everything that was registered, in that order.
func (a *App) Routes() []Route { return slices.Clone(a.routes) }

func (a *App) route(pattern string, route Route, handle Handler, options []Option) {
	route = a.register(pattern, route, options)
	if route.Method == "" {
		panic(fmt.Sprintf("web: the route %q names no method", pattern))
	}
	a.mux.Handle(route.Label(), a.serve(route, handle))
}

func (a *App) register(pattern string, route Route, options []Option) Route {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = "", pattern
	}
	route.Method, route.Pattern = method, strings.TrimSpace(path)
	for _, option := range options {
		option(&route)
	}
	if route.Pageless {
		a.pageless[route.Pattern] = true
	}
	a.routes = append(a.routes, route)
	return route
}
