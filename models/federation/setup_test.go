package federation

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// house is one installation with De Vries, who verified devries.example and has
// a connection, and its manager Marieke.
type house struct {
	t          *testing.T
	ctx        context.Context
	now        time.Time
	store      *store.Store
	federation *Federation
	marieke    models.Actor
	operator   models.Actor
	connection Connection

	resolve Resolve // what the sign-ins of this house do; nothing by default
	said    []Said
}

// certificate is some provider's, and nextCertificate the one that will replace
// it; making one takes time, so all share them.
var (
	certificate     = sync.OnceValue(func() *x509.Certificate { return newCertificate(1) })
	nextCertificate = sync.OnceValue(func() *x509.Certificate { return newCertificate(2) })
)

func newCertificate(serial int64) *x509.Certificate {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "idp"}, NotAfter: time.Date(2027, 11, 21, 9, 0, 0, 0, time.UTC).AddDate(int(serial)-1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return parsed
}

// private stands for the keys that connections get, which take long to make.
var private = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := generate()
	if err != nil {
		panic(err)
	}
	return key
})

func provider() Provider {
	return Provider{EntityID: "https://login.devries.example/saml", SSORedirect: "https://login.devries.example/sso", Certificates: []*x509.Certificate{certificate()}}
}

func TestMain(m *testing.M) { modelstest.Main(m) }

func newHouse(t *testing.T) *house { return newHouseOn(t, "sqlite") }

// everywhere runs a test on each database.
func everywhere(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) { test(t, newHouseOn(t, database)) })
	}
}

func newHouseOn(t *testing.T, database string) *house {
	h := &house{t: t, ctx: t.Context(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	keys, err := secret.Ephemeral()
	h.must(err)
	h.store, err = store.Open(h.ctx, store.Config{
		URL: modelstest.URL(t, database),
		Now: func() time.Time { return h.now },
		// These tests are not about authority: the actor may what he says.
		Derive: func(_ *store.Tx, by models.Actor) (models.Actor, error) { return by, nil },
	})
	h.must(err)
	t.Cleanup(h.store.Close)
	h.resolve = func(*store.Tx, Said) (*models.Error, error) { return nil, nil }
	h.federation = New(h.store, keys, func(tx *store.Tx, in Said) (*models.Error, error) {
		h.said = append(h.said, in)
		return h.resolve(tx, in)
	})
	h.federation.generate = func() (*rsa.PrivateKey, error) { return private(), nil }
	h.marieke = h.found("De Vries Logistiek", "Marieke de Vries", "marieke@devries.example")
	h.operator = models.Actor{Account: h.marieke.Account, Session: "ses_operator", Permissions: models.Permissions{models.OperatePlatform}}
	_, err = h.federation.AddDomain(h.ctx, h.marieke, "devries.example")
	h.must(err)
	_, err = h.federation.VouchDomain(h.ctx, h.operator, h.marieke.Effective.Company, "devries.example")
	h.must(err)
	h.connection, err = h.federation.Connect(h.ctx, h.marieke, Draft{Name: "De Vries login", Provider: provider()})
	h.must(err)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// failed checks the catalog key of a refusal.
func (h *house) failed(err error, key string) {
	h.t.Helper()
	e, _ := refused(err)
	if e == nil || e.Key != key {
		h.t.Fatalf("error %v, want %s", err, key)
	}
}

// person makes an account, in the time-saving way of tests.
func (h *house) person(name, address string, proven bool) (p account.Person) {
	h.t.Helper()
	email, ok := account.ParseEmail(address)
	if !ok {
		h.t.Fatal(address)
	}
	h.must(h.store.System(h.ctx, "test person", func(tx *store.Tx) (err error) {
		tx.NothingToRecord()
		p, err = account.Create(tx, account.New{Name: name, Email: email, Proven: proven})
		return err
	}))
	return p
}

func (h *house) found(company, name, address string) models.Actor {
	h.t.Helper()
	p := h.person(name, address, true)
	var made tenancy.Founded
	h.must(h.store.System(h.ctx, "test company", func(tx *store.Tx) (err error) {
		made, err = tenancy.Found(tx, company, company, p)
		return err
	}))
	party := models.Party{Company: made.Company.ID, CompanyName: company, Organization: made.Organization.ID, Name: company}
	return models.Actor{Account: p.ID, Name: name, Session: "ses_" + p.ID, Real: party, Effective: party, Permissions: models.CompanyPermissions}
}

// anna is what the provider says of Anna Visser.
func anna() Told {
	return Told{
		Assertion: models.NewID("ass"), Expires: time.Date(2026, 11, 21, 9, 8, 0, 0, time.UTC), EntityID: provider().EntityID,
		Name: "anna-7", NameQualifier: "q", AuthTime: time.Date(2026, 11, 21, 8, 59, 0, 0, time.UTC), SessionIndex: "_s1",
		Attributes: []Attribute{{Name: "email", Values: []string{"Anna@devries.example"}}, {Name: "displayName", Values: []string{"Anna Visser"}}, {Name: "groups", Values: []string{"Planning-Editors"}}},
	}
}

// with replaces one attribute.
func (t Told) with(name string, values ...string) Told {
	changed := []Attribute{}
	for _, a := range t.Attributes {
		if a.Name != name {
			changed = append(changed, a)
		}
	}
	t.Attributes = append(changed, Attribute{Name: name, Values: values})
	t.Assertion = models.NewID("ass")
	return t
}

const browser = "browser-hash"

// begin starts a sign-in and claims it, as the ACS does.
func (h *house) begin() Claimed {
	h.t.Helper()
	begun, err := h.federation.Begin(h.ctx, Start{Connection: h.connection.ID, RequestID: "_r1", BrowserHash: browser, ReturnTo: "/members"})
	h.must(err)
	claimed, err := h.federation.Claim(h.ctx, h.connection.ID, begun.RelayState)
	h.must(err)
	return claimed
}

// signIn goes through a whole sign-in.
func (h *house) signIn(in Told) (Arrived, error) {
	h.t.Helper()
	ticket, err := h.federation.Finish(h.ctx, h.begin(), in)
	if err != nil {
		return Arrived{}, err
	}
	_, arrived, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{})
	return arrived, err
}

// count counts rows of a model's table.
func (h *house) count(model any, where string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.store.SystemRead(h.ctx, "test count", func(tx *store.Tx) error {
		return tx.Model(model).Where(where, args...).Count(&n).Error
	}))
	return n
}
