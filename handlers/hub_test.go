package handlers_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"locum/handlers"
	"locum/handlers/demo"
	"locum/handlers/saml"
	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/feed"
	"locum/models/mandate"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/passkey"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/webhook"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// hub is the whole program, but for jobs and the clock, over a database with
// the people of modelstest.
type hub struct {
	*modelstest.World
	domain  handlers.Domain
	routes  []web.Route
	handler http.Handler
	idp     *demo.IdentityProvider
}

// address is where people reach the hub; tokenRoute is the test's own way in.
const (
	address    = "http://127.0.0.1:8080"
	strangers  = "http://127.0.0.1:8081"
	tokenRoute = "/sign-in-for-a-test"
)

func newHub(t testing.TB, w *modelstest.World) *hub {
	t.Helper()
	connectors := provisioning.NewConnectors(w.Store)
	directories := directory.New(w.Store, connectors)
	events, err := feed.New(w.Store, w.Keys)
	hooks, failed := webhook.New(w.Store, w.Keys)
	if err = errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	h := &hub{World: w, domain: handlers.Domain{Accounts: w.Accounts, Companies: w.Companies, Members: w.Members,
		Applications: tenancy.NewApplications(w.Store), Delegations: w.Delegations, RequestLinks: delegation.NewRequestLinks(w.Store, w.Keys), Sessions: w.Sessions, Passkeys: passkey.New(w.Store), Entrance: w.Entrance, Mandates: w.Mandates,
		Trail: w.Trail, Outbox: w.Outbox, Inbox: w.Inbox, Digests: w.Digests, Clients: w.Clients, Connectors: connectors, Federation: federation.New(w.Store, w.Keys, directories.Resolve), Directories: directories,
		Feed: events, Webhooks: hooks}}
	public, err := url.Parse(address)
	h.must(err)
	app, err := handlers.New(h.domain, handlers.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Log: slog.New(slog.DiscardHandler), Now: w.Now, Ready: w.Store.Ping, Limits: handlers.Limits{Requests: -1, Anonymous: -1}})
	h.must(err)
	h.routes = app.Routes()
	app.Open("GET "+tokenRoute, func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.URL.Query().Get("as")), nil
	})
	h.handler = app.Handler()
	h.idp, err = demo.NewIdentityProvider(demo.Config{URL: strangers, Hub: address, Now: w.Now, Tenants: []demo.Tenant{{Key: "zonneveld",
		Name: "Zonneveld Bakkerijen", Personas: []demo.Persona{{Name: "Bram Willems", Email: "bram@zonneveld.example",
			Attributes: map[string][]string{"groups": {"Bakers", "Planning-Editors"}, "country": {"NL"}}}}}}})
	h.must(err)
	return h
}

func (h *hub) must(err error) {
	if err != nil {
		h.T.Helper()
		h.T.Fatal(err)
	}
}

// tenant is what an organization and its company own: an id of each kind.
type tenant struct {
	company, organization, owner, member, session, passkey                              string
	delegation, invitation, application, role, connector, run, connection, domain, link string
	identity                                                                            string // handle of the member's name at the provider
	breakGlass                                                                          string // a session
	family                                                                              string
	hook, posted, token                                                                 string // an endpoint, a delivery and an API token
	ownHook, ownPosted                                                                  string // of the organization itself
	ownToken                                                                            string // of the organization
	platformHook, platformPosted                                                        string // which is the operators'
	accountToken, visitToken                                                            string // the owner's own, and one of a visitor
	directory, dirUser, dirGroup, dirRequest, dirToken                                  string // a directory that holds removals
	notice                                                                              string // in the owner's inbox
	request, wish                                                                       string // what it was asked for, and what its owner asks for elsewhere
	firm, named, firmGrant                                                              string // what it gave to a firm, whom that named, and what it was given

	version  int64  // of the delegation
	metadata string // of the identity provider
}

// ids are those of rows that nobody else may learn of. An application is not
// among them: the registry is everyone's.
func (o tenant) ids() []string {
	return []string{o.company, o.organization, o.owner, o.member, o.session, o.passkey, o.delegation, o.invitation, o.connector, o.run, o.connection, o.domain, o.link, o.identity, o.breakGlass, o.hook, o.posted, o.ownHook, o.ownPosted, o.token, o.ownToken,
		o.directory, o.dirUser, o.dirGroup, o.dirRequest, o.dirToken, o.request, o.wish, o.firm, o.named, o.firmGrant, o.notice, o.accountToken, o.visitToken}
}

// unknown is the same of a tenant that does not exist.
func unknown(o tenant) tenant {
	never := func(id string) string {
		prefix, _, _ := strings.Cut(id, "_")
		return models.NewID(prefix)
	}
	o.company, o.organization, o.owner, o.member, o.session, o.passkey = never(o.company), never(o.organization), never(o.owner), never(o.member), never(o.session), never(o.passkey)
	o.delegation, o.invitation, o.connector, o.run, o.connection, o.domain, o.link = never(o.delegation), never(o.invitation), never(o.connector), never(o.run), never(o.connection), never(o.domain), never(o.link)
	o.identity = federation.Identity{CompanyID: o.company, ConnectionID: o.connection, NameID: "nobody"}.Handle()
	o.breakGlass, o.hook, o.posted, o.token = never(o.breakGlass), never(o.hook), never(o.posted), never(o.token)
	o.ownHook, o.ownPosted, o.ownToken = never(o.ownHook), never(o.ownPosted), never(o.ownToken)
	o.directory, o.dirUser, o.dirGroup, o.dirRequest, o.dirToken = never(o.directory), never(o.dirUser), never(o.dirGroup), never(o.dirRequest), never(o.dirToken)
	o.notice = never(o.notice)
	o.accountToken, o.visitToken = never(o.accountToken), never(o.visitToken)
	o.request, o.wish, o.firm, o.named, o.firmGrant = never(o.request), never(o.wish), never(o.firm), never(o.named), never(o.firmGrant)
	return o
}

// furnish gives Zonneveld one of everything that a route can name. sanne may
// work there through a role that claims every permission there is.
func (h *hub) furnish() tenant {
	h.T.Helper()
	o := tenant{company: h.Zonneveld.Company, organization: h.Zonneveld.Organization, owner: h.ID("karin"), member: h.ID("ria")}
	h.Person("olga", "Olga Brandt", "olga@hub.example")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("olga")).Update("operator", true).Error
	})
	karin := func() models.Actor { return h.Actor("karin") }
	o.passkey = models.NewID("pky")
	h.System(func(tx *store.Tx) error {
		return tx.Create(&passkey.Passkey{ID: o.passkey, AccountID: o.owner, Name: "Laptop", CredentialID: "aWQ", PublicKey: "a2V5", CreatedAt: models.At(h.Now())}).Error
	})
	app, err := h.Companies.RegisterApplication(h.Ctx, h.Actor("olga"), tenancy.Application{Key: "invoices", Name: "Invoices"})
	h.must(err)
	h.must(h.domain.Applications.Enable(h.Ctx, karin(), app.ID))
	role, err := h.Companies.RegisterRole(h.Ctx, h.Actor("olga"), tenancy.Role{Level: models.OrganizationLevel, Key: "all-rounder", Name: "All-rounder"})
	h.must(err)
	all, err := json.Marshal(slices.Concat(models.OrganizationPermissions, models.CompanyPermissions, []models.Permission{models.OperatePlatform}))
	h.must(err)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Role{}).Where("id = ?", role.ID).Update("permissions", string(all)).Error
	})
	o.application, o.role, o.session = app.ID, role.ID, karin().Session
	family, err := h.Companies.RegisterFamily(h.Ctx, h.Actor("olga"), tenancy.Family{Level: models.OrganizationLevel, Name: "Bakery"}, []string{role.ID, tenancy.Member})
	h.must(err)
	o.family = family.ID
	o.hook, o.posted = h.hooked(karin(), webhook.OfCompany)
	o.ownHook, o.ownPosted = h.hooked(karin(), webhook.OfOrganization)
	o.platformHook, o.platformPosted = h.hooked(h.Actor("olga"), webhook.OfPlatform)
	reader, _, err := h.domain.Feed.Make(h.Ctx, karin(), feed.Draft{Name: "Ovens", Scopes: feed.CompanyScopes, Days: 30})
	h.must(err)
	o.token = reader.ID
	desk, _, err := h.domain.Feed.Make(h.Ctx, karin(), feed.Draft{OfOrganization: true, Name: "Service desk", Scopes: feed.OrganizationScopes, Days: 30})
	h.must(err)
	o.ownToken = desk.ID
	d, err := h.Delegations.Grant(h.Ctx, karin(), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{role.ID},
		Chosen: true, Language: "en", Reason: "Stock count"})
	h.must(err)
	h.must(h.Delegations.Accept(h.Ctx, h.Actor("sanne"), d.ID))
	details, err := h.Delegations.Get(h.Ctx, karin(), d.ID)
	h.must(err)
	o.delegation, o.version = d.ID, details.Version
	o.accountToken, o.visitToken = h.accountToken(o, o.owner, ""), h.accountToken(o, h.ID("sanne"), d.ID)
	invited, err := h.Members.Invite(h.Ctx, karin(), "thomas@kade.example", []string{tenancy.Member}, "en")
	h.must(err)
	o.invitation = invited.ID
	rule, err := h.domain.Connectors.Save(h.Ctx, karin(), provisioning.Connector{Name: "Bakers", State: provisioning.On, Role: tenancy.Member,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: o.organization},
		Condition: provisioning.Condition{All: []provisioning.Condition{{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "Bakers"}}}}, provisioning.Publishing{})
	h.must(err)
	o.connector, o.run = rule.Saved.ID, rule.Run.ID
	domain, err := h.domain.Federation.AddDomain(h.Ctx, karin(), "zonneveld.example")
	h.must(err)
	_, err = h.domain.Federation.VouchDomain(h.Ctx, h.Actor("olga"), o.company, "zonneveld.example")
	h.must(err)
	o.domain, o.metadata = domain.ID, h.metadata()
	o.connection = h.connect(o.metadata)
	link, err := h.Mandates.Make(h.Ctx, karin(), mandate.Draft{Email: "ilse@it.example", Language: "nl", Purposes: []models.Purpose{models.ForDomains}})
	h.must(err)
	o.link = link.ID
	o.identity = h.named("ria", o.connection)
	o.breakGlass = h.breakGlass(domain.ID)
	h.furnishDirectory(&o)
	inbox, err := h.Inbox.List(h.Ctx, karin(), notice.Filter{}, models.Of(1))
	h.must(err)
	o.notice = inbox.Entries[0].ID
	h.furnishFirms(&o)
	return o
}

// accountToken is a token of somebody's own, made in a visit where a delegation is
// given.
func (h *hub) accountToken(o tenant, person, delegation string) string {
	t := access.AccountToken{CompanyID: o.company, OrganizationID: o.organization, ID: models.NewID("atk"), AccountID: person, AccountName: "Somebody", Name: "Export",
		Scopes: `["applications.read"]`, DelegationID: delegation, SessionID: "ses_gone", CreatedAt: models.At(h.Now()), ExpiresAt: models.At(h.Now().AddDate(1, 0, 0))}
	t.TokenHash, t.Suffix = t.ID, "abcd"
	if delegation != "" {
		t.VisitID = "vis_gone"
	}
	h.System(func(tx *store.Tx) error { return tx.Create(&t).Error })
	return t.ID
}

// hooked makes a webhook of a scope, and a delivery to it.
func (h *hub) hooked(by models.Actor, s webhook.Scope) (endpoint, delivery string) {
	h.T.Helper()
	hook, _, err := h.domain.Webhooks.Make(h.Ctx, by, s, webhook.Draft{URL: "https://hooks.example/in"})
	h.must(err)
	posted, err := h.domain.Webhooks.Test(h.Ctx, h.Actor(map[bool]string{true: "olga", false: "karin"}[s == webhook.OfPlatform]), s, hook.ID)
	h.must(err)
	return hook.ID, posted.ID
}

// stillHere has somebody's sessions not be idle: a walk over every route takes many
// minutes of the world's clock.
func (h *hub) stillHere(key string) {
	h.T.Helper()
	h.System(func(tx *store.Tx) error {
		return tx.Table("sessions").Where("account_id = ?", h.ID(key)).Update("last_seen_at", models.At(h.Now())).Error
	})
}

// named gives somebody a name at Zonneveld's identity provider.
func (h *hub) named(key, connection string) (handle string) {
	known := federation.Identity{CompanyID: h.Zonneveld.Company, ConnectionID: connection, EntityID: strangers + "/idp/zonneveld", NameID: key + "-1", AccountID: h.ID(key), CreatedAt: models.At(h.Now())}
	h.System(func(tx *store.Tx) error { return tx.Create(&known).Error })
	return known.Handle()
}

// knows makes somebody known to Zonneveld through its provider, without a role.
func (h *hub) knows(key string) { h.named(key, h.connect(h.metadata())) }

// breakGlass is the session of karin, who came in by break-glass.
func (h *hub) breakGlass(domain string) string {
	h.T.Helper()
	return h.ActorOf(h.breaksGlass(domain, "The provider is down")).Session
}

// breaksGlass brings karin in by break-glass, while single sign-on is required
// of Zonneveld's domain, and gives the token of her session.
func (h *hub) breaksGlass(domain, reason string) string {
	h.T.Helper()
	required := func(on bool) {
		h.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Domain{}).Where("id = ?", domain).Update("sso_required", on).Error
		})
	}
	required(true)
	h.must(h.Companies.NameBreakGlass(h.Ctx, h.Actor("karin"), h.ID("karin")))
	request, err := h.Entrance.AskBreakGlass(h.Ctx, access.Asking{Email: "karin@zonneveld.example", BrowserHash: "b"})
	h.must(err)
	code, err := account.Code(h.Keys, request)
	h.must(err)
	token, err := h.Entrance.EnterBreakGlass(h.Ctx, access.Entering{Request: request, BrowserHash: "b", Code: code}, reason)
	h.must(err)
	required(false)
	return token
}

// metadata is what the demo's identity provider says of itself.
func (h *hub) metadata() string {
	answer := httptest.NewRecorder()
	h.idp.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, strangers+"/idp/zonneveld/metadata", nil))
	return answer.Body.String()
}

// connect ties Zonneveld to an identity provider.
func (h *hub) connect(metadata string) string {
	h.T.Helper()
	provider, err := saml.ReadProvider([]byte(metadata), h.Now())
	h.must(err)
	c, err := h.domain.Federation.Connect(h.Ctx, h.Actor("karin"), federation.Draft{Name: "Bakery sign-in", Provider: provider})
	h.must(err)
	h.idp.AddServiceProvider(address+"/saml/"+c.ID+"/metadata", address+"/saml/"+c.ID+"/acs", "")
	return c.ID
}

// browser is a browser with a session, or with none. It keeps no other cookie,
// so that equal requests are equal.
type browser struct {
	hub    *hub
	cookie *http.Cookie
}

// with is a browser with the session of a token.
func (h *hub) with(token string) browser {
	h.T.Helper()
	got := browser{hub: h}.send(http.MethodGet, tokenRoute+"?as="+url.QueryEscape(token), nil, nil)
	at := slices.IndexFunc(got.Result().Cookies(), func(c *http.Cookie) bool { return strings.Contains(c.Name, "session") })
	if at < 0 {
		h.T.Fatalf("no session's cookie: %d %s", got.Code, got.Body)
	}
	return browser{h, got.Result().Cookies()[at]}
}

// streamed ends a stream after the first thing it says.
type streamed struct {
	*httptest.ResponseRecorder
	stop context.CancelFunc
}

func (s streamed) Flush() {
	s.ResponseRecorder.Flush()
	s.stop()
}

func (b browser) send(method, path string, form url.Values, header http.Header) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Host, r.RemoteAddr = strings.TrimPrefix(address, "http://"), "127.0.0.1:40000"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	w := httptest.NewRecorder()
	b.hub.handler.ServeHTTP(streamed{w, stop}, r.WithContext(ctx))
	return w
}
