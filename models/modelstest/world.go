package modelstest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/mandate"
	"locum/models/notice"
	"locum/models/openid"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Start is when every world begins: a Monday in autumn, 11:00 in Amsterdam.
var Start = time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)

// World is a database with people in it, and a clock that stands still until
// it is moved.
type World struct {
	T           testing.TB
	Ctx         context.Context
	Database    string
	Address     string // of the database
	Store       *store.Store
	Keys        *secret.Keys
	Accounts    *account.Accounts
	Companies   *tenancy.Companies
	Members     *tenancy.Members
	Delegations *delegation.Delegations
	Sessions    *access.Sessions
	Entrance    *access.Entrance
	Mandates    *mandate.Mandates
	Trail       *event.Trail
	Outbox      *mail.Outbox
	Inbox       *notice.Inbox
	Digests     *notice.Digests
	Clients     *client.Clients
	Signing     *client.Keys
	OpenID      *openid.Provider
	Passes      *client.Passes

	mu     sync.Mutex
	now    time.Time
	tokens map[string]string // of the first session, by person

	// The organizations. Zonneveld is the one that is helped, Kade the
	// consultancy.
	Production, Acceptance, Zonneveld, Kade models.Party
	people                                  map[string]account.Person
}

// New makes a world on one database: De Vries Logistiek (manager and superuser
// marieke, superuser jan, member anna; organizations Production and
// Acceptance), Zonneveld Bakkerijen (superusers karin and pim, member ria) and
// Kade Consultants (superuser sanne, member thomas).
func New(t testing.TB, database string) *World {
	t.Helper()
	w := &World{T: t, Ctx: context.Background(), Database: database, Address: URL(t, database), now: Start,
		tokens: map[string]string{}, people: map[string]account.Person{}}
	var err error
	w.Store, err = store.Open(w.Ctx, store.Config{URL: w.Address, Derive: access.Derive, Now: w.Now})
	w.ok(err)
	t.Cleanup(w.Store.Close)
	w.Keys, err = secret.Ephemeral()
	w.ok(err)
	w.Accounts, w.Companies, w.Members = account.NewAccounts(w.Store), tenancy.NewCompanies(w.Store), tenancy.NewMembers(w.Store)
	w.Delegations, w.Sessions = delegation.NewDelegations(w.Store), access.NewSessions(w.Store, w.Keys)
	w.Entrance, w.Trail, w.Outbox = access.NewEntrance(w.Store, w.Keys), event.NewTrail(w.Store), mail.NewOutbox(w.Store)
	w.Mandates = mandate.NewMandates(w.Store, w.Keys)
	w.Inbox, w.Digests = notice.NewInbox(w.Store, access.SuperuserOf), notice.NewDigests(w.Store)
	w.Clients, w.Signing, w.Passes = client.NewClients(w.Store), client.NewKeys(w.Store, w.Keys), client.NewPasses(w.Store)
	w.OpenID = openid.New(w.Store, w.Sessions, w.Clients)
	w.settle()
	return w
}

func (w *World) settle() {
	w.Production = w.Found("De Vries Logistiek", "De Vries Production", "marieke", "Marieke de Vries", "marieke@devries.example")
	o, err := w.Companies.NewOrganization(w.Ctx, w.Actor("marieke"), "De Vries Acceptance", "Europe/Amsterdam")
	w.ok(err)
	w.Acceptance = w.Party(o.CompanyID, o.ID)
	w.Join("jan", "Jan-Willem Hoekstra", "jan@devries.example", w.Production, tenancy.Superuser)
	w.Join("anna", "Anna Visser", "anna@devries.example", w.Production, tenancy.Member)
	w.Zonneveld = w.Found("Zonneveld Bakkerijen", "Zonneveld Bakkerijen", "karin", "Karin Schouten", "karin@zonneveld.example")
	w.Join("pim", "Pim Zonneveld", "pim@zonneveld.example", w.Zonneveld, tenancy.Superuser)
	w.Join("ria", "Ria Smeets", "ria@zonneveld.example", w.Zonneveld, tenancy.Member)
	w.Kade = w.Found("Kade Consultants", "Kade Consultants", "sanne", "Sanne Kuipers", "sanne@kade.example")
	w.Join("thomas", "Thomas Bakker", "thomas@kade.example", w.Kade, tenancy.Member)
}

func (w *World) ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Advance moves the clock.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// System changes the database past every rule, to make the state that a test
// begins with.
func (w *World) System(do func(tx *store.Tx) error) {
	w.T.Helper()
	w.ok(w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return do(tx)
	}))
}

// Person makes somebody without a role anywhere.
func (w *World) Person(key, name, email string) account.Person {
	w.T.Helper()
	parsed, ok := account.ParseEmail(email)
	if !ok {
		w.T.Fatalf("%q is no address", email)
	}
	w.System(func(tx *store.Tx) error {
		p, err := account.Create(tx, account.New{Name: name, Email: parsed, Language: "en", TimeZone: "Europe/Amsterdam", Proven: true})
		w.people[key] = p
		return err
	})
	return w.people[key]
}

// Found makes a person with a company and an organization of his own.
func (w *World) Found(company, organization, key, name, email string) models.Party {
	w.T.Helper()
	p := w.Person(key, name, email)
	var f tenancy.Founded
	w.System(func(tx *store.Tx) (err error) {
		f, err = tenancy.Found(tx, company, organization, p)
		return err
	})
	return w.Party(f.Company.ID, f.Organization.ID)
}

// Join makes a person who is a member of an organization.
func (w *World) Join(key, name, email string, at models.Party, role string) account.Person {
	w.T.Helper()
	p := w.Person(key, name, email)
	w.System(func(tx *store.Tx) error {
		g := tenancy.Grant{CompanyID: at.Company, OrganizationID: at.Organization, AccountID: p.ID, RoleID: role, Source: tenancy.Manual}
		if err := tenancy.Give(tx, g, p.Name); err != nil {
			return err
		}
		return tenancy.SetHome(tx, p.ID, at.Company, at.Organization)
	})
	return p
}

// Party reads an organization as it is now.
func (w *World) Party(company, organization string) (p models.Party) {
	w.T.Helper()
	w.System(func(tx *store.Tx) (err error) {
		p, err = tenancy.PartyOf(tx, company, organization)
		return err
	})
	return p
}

// ID is the account of a person.
func (w *World) ID(key string) string {
	p, there := w.people[key]
	if !there {
		w.T.Fatalf("nobody is called %q here", key)
	}
	return p.ID
}

// SignIn opens another session for a person and gives its token.
func (w *World) SignIn(key string) string {
	w.T.Helper()
	token, err := w.Sessions.Open(w.Ctx, access.Opening{Account: w.ID(key), Method: "code", Address: "192.0.2.7", UserAgent: "test"})
	w.ok(err)
	return token
}

// Token is that of a person's first session, which it opens when there is none.
func (w *World) Token(key string) string {
	w.T.Helper()
	if w.tokens[key] == "" {
		w.tokens[key] = w.SignIn(key)
	}
	return w.tokens[key]
}

// NewSession signs a person in again: from then on that is his first session.
func (w *World) NewSession(key string) {
	w.T.Helper()
	w.tokens[key] = w.SignIn(key)
}

// Actor is a person in his first session as he is now, past every cache.
func (w *World) Actor(key string) models.Actor {
	w.T.Helper()
	return w.ActorOf(w.Token(key))
}

// ActorOf is whoever holds a token, as he is now, past every cache. It is the
// zero Actor when the session is over.
func (w *World) ActorOf(token string) (a models.Actor) {
	w.T.Helper()
	a, err := w.Sessions.Fresh(w.Ctx, token)
	w.ok(err)
	return a
}

// Delegate gives somebody a delegation, and accepts it in his name.
func (w *World) Delegate(by, to string, period delegation.Period) delegation.Delegation {
	w.T.Helper()
	d, err := w.Delegations.Grant(w.Ctx, w.Actor(by), delegation.Proposal{Email: w.people[to].Email, Period: period, Language: "en"})
	w.ok(err)
	w.ok(w.Delegations.Accept(w.Ctx, w.Actor(to), d.ID))
	details, err := w.Delegations.Get(w.Ctx, w.Actor(by), d.ID)
	w.ok(err)
	return details.Delegation
}

// Switch moves a person's first session to an organization.
func (w *World) Switch(key string, to models.Party) access.Arrival {
	w.T.Helper()
	a, err := w.Sessions.Switch(w.Ctx, w.Actor(key), to.Organization)
	w.ok(err)
	return a
}

// Mails lists every mail so far whose kind is one of those given, oldest first.
func (w *World) Mails(kinds ...mail.Kind) (list []mail.Mail) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Where("kind IN ?", kinds).Order("created_at, id").Find(&list).Error
	})
	return list
}

// Events lists the events of an organization, oldest first, as types.
func (w *World) Events(at models.Party) (types []string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("company_id = ? AND organization_id = ?", at.Company, at.Organization).Order("position").Pluck("type", &types).Error
	})
	return types
}

// Count counts how often a type stands in an organization's events.
func (w *World) Count(at models.Party, kind string) (n int) {
	w.T.Helper()
	for _, k := range w.Events(at) {
		if k == kind {
			n++
		}
	}
	return n
}

// Wants fails the test unless an error is of a kind, with a message key.
func (w *World) Wants(err error, kind models.Kind, key string) {
	w.T.Helper()
	if err == nil || models.KindOf(err) != kind || !strings.Contains(err.Error(), key) {
		w.T.Fatalf("want %s %s, got %v", kind, key, err)
	}
}
