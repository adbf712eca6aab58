package federation_test

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// firm is De Vries with a verified domain and a connection, on either database.
type firm struct {
	*modelstest.World
	federation *federation.Federation
	connection federation.Connection
	domain     tenancy.Domain
	resolve    federation.Resolve
}

const browser = "browser-hash"

func no(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// each runs a test of a firm on every database.
func each(t *testing.T, test func(t *testing.T, f *firm)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(t, newFirm(t, w)) })
}

func newFirm(t *testing.T, w *modelstest.World) *firm {
	t.Helper()
	f := &firm{World: w, resolve: func(*store.Tx, federation.Said) (*models.Error, error) { return nil, nil }}
	f.federation = federation.New(w.Store, w.Keys, func(tx *store.Tx, in federation.Said) (*models.Error, error) { return f.resolve(tx, in) })
	f.federation.Quicken()
	w.Person("olga", "Olga Brandt", "olga@hub.example")
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("olga")).Update("operator", true).Error
	})
	var err error
	f.domain, err = f.federation.AddDomain(w.Ctx, w.Actor("marieke"), "devries.example")
	no(t, err)
	_, err = f.federation.VouchDomain(w.Ctx, w.Actor("olga"), w.Production.Company, "devries.example")
	no(t, err)
	f.connection = f.connect(t, "De Vries login")
	return f
}

func provider() federation.Provider {
	return federation.Provider{EntityID: "https://login.devries.example/saml", SSORedirect: "https://login.devries.example/sso",
		Certificates: []*x509.Certificate{{Raw: []byte("not looked at here")}}}
}

func (f *firm) connect(t *testing.T, name string) federation.Connection {
	t.Helper()
	c, err := f.federation.Connect(f.Ctx, f.Actor("marieke"), federation.Draft{Name: name, Provider: provider()})
	no(t, err)
	return c
}

// told is what the provider says of one of De Vries's people.
func (f *firm) told(name string) federation.Told {
	return federation.Told{Assertion: models.NewID("ass"), Expires: f.Now().Add(8 * time.Minute), EntityID: provider().EntityID, Name: name + "-7",
		AuthTime: f.Now(), Attributes: []federation.Attribute{{Name: "email", Values: []string{name + "@devries.example"}}}}
}

// claimed is a sign-in under way up to the provider's answer.
func (f *firm) claimed(t testing.TB, c federation.Connection) federation.Claimed {
	t.Helper()
	begun, err := f.federation.Begin(f.Ctx, federation.Start{Connection: c.ID, RequestID: "_r1", BrowserHash: browser})
	no(t, err)
	claimed, err := f.federation.Claim(f.Ctx, c.ID, begun.RelayState)
	no(t, err)
	return claimed
}

// signsIn goes through a whole sign-in, in a browser that may have a session.
func (f *firm) signsIn(t testing.TB, c federation.Connection, name, instead string) string {
	t.Helper()
	ticket, err := f.federation.Finish(f.Ctx, f.claimed(t, c), f.told(name))
	no(t, err)
	token, _, err := f.federation.Redeem(f.Ctx, ticket, browser, federation.Visitor{Address: "192.0.2.7", Instead: instead})
	no(t, err)
	return token
}

// rows counts rows of a table.
func (f *firm) rows(table, where string, args ...any) (n int64) {
	f.T.Helper()
	f.System(func(tx *store.Tx) error { return tx.Table(table).Where(where, args...).Count(&n).Error })
	return n
}

func TestARefusalByTheRulesKeepsWhatWasResolved(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.resolve = func(tx *store.Tx, in federation.Said) (*models.Error, error) {
			var held tenancy.Grant
			if err := tx.Where("account_id = ?", in.Account).Take(&held).Error; err != nil {
				return nil, err
			}
			return models.Fail(models.Forbidden, "federation.error.no_match"), tenancy.Take(tx, held, "Anna Visser")
		}
		in := f.told("anna")
		ticket, err := f.federation.Finish(f.Ctx, f.claimed(t, f.connection), in)
		f.Wants(err, models.Forbidden, "federation.error.no_match")
		if ticket != "" || f.rows("sign_in_states", "ticket_hash <> '' OR finished_at IS NOT NULL") != 0 {
			t.Error("there is a ticket")
		}
		if f.rows("grants", "account_id = ?", f.ID("anna")) != 0 {
			t.Error("she keeps the role that was taken")
		}
		var why *models.Error
		if !errors.As(err, &why) || f.rows("events", "type = ? AND subject_id = ? AND account_id = ?", event.SignInRefused, why.Args["Reference"], f.ID("anna")) != 1 {
			t.Errorf("not recorded under its reference: %v", err)
		}
		if f.rows("identities", "last_sign_in_at IS NOT NULL") != 0 || f.rows("connections", "last_success_at IS NOT NULL") != 0 {
			t.Error("it counts as a success")
		}
		_, err = f.federation.Finish(f.Ctx, f.claimed(t, f.connection), in)
		f.Wants(err, models.Forbidden, "federation.error.replayed")
	})
}

func TestARefusedManagerProvesNoSingleSignOn(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.resolve = func(*store.Tx, federation.Said) (*models.Error, error) {
			return models.Fail(models.Forbidden, "federation.error.no_match"), nil
		}
		_, err := f.federation.Finish(f.Ctx, f.claimed(t, f.connection), f.told("marieke"))
		f.Wants(err, models.Forbidden, "federation.error.no_match")
		if proven, err := f.federation.Proven(f.Ctx, f.Actor("marieke")); err != nil || proven {
			t.Errorf("proven by a refusal (%v)", err)
		}
	})
}

// TestTwoChangesOfAConnectionBothStand: the second waits for the first, and
// begins with what that left.
func TestTwoChangesOfAConnectionBothStand(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		marieke, renamed := f.Actor("marieke"), make(chan error, 1)
		no(t, f.Store.Write(f.Ctx, marieke, models.ManageConnections, func(tx *store.Tx) error {
			_, err := federation.Change(tx, f.connection.ID, func(c *federation.Connection) map[string]any {
				go func() {
					_, err := f.federation.Rename(f.Ctx, marieke, f.connection.ID, "Entra ID")
					renamed <- err
				}()
				f.untilBlocked(renamed)
				c.SSOPost = "https://login.devries.example/post"
				return nil
			})
			return err
		}))
		no(t, <-renamed)
		c, err := f.federation.Get(f.Ctx, marieke, f.connection.ID)
		no(t, err)
		if c.Name != "Entra ID" || c.SSOPost == "" {
			t.Errorf("one of the changes is lost: %q, %q", c.Name, c.SSOPost)
		}
	})
}

// untilBlocked returns once another transaction waits for this one, or is done.
// SQLite has one writer at a time.
func (f *firm) untilBlocked(done chan error) {
	f.T.Helper()
	if f.Database == "sqlite" {
		return
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var waiting int64
		no(f.T, f.Store.SystemRead(f.Ctx, "a test", func(tx *store.Tx) error {
			return tx.Table("pg_locks").Where("NOT granted").Count(&waiting).Error
		}))
		if waiting > 0 || len(done) > 0 {
			return
		}
	}
	f.T.Error("nobody waits, and nobody is done")
}

func TestTheConnectionThatARequiredDomainDependsOnStaysOn(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		other := f.connect(t, "Another")
		f.signsIn(t, f.connection, "marieke", "")
		marieke := f.Actor("marieke")
		_, err := f.federation.RequireSSO(f.Ctx, marieke, f.domain.ID, true)
		no(t, err)
		_, err = f.federation.Enable(f.Ctx, marieke, f.connection.ID, false) // nobody came in through the other
		f.Wants(err, models.Conflict, "federation.error.required")
		if f.rows("connections", "enabled = ?", true) != 2 {
			t.Fatal("it was switched off all the same")
		}
		_, err = f.federation.Enable(f.Ctx, marieke, other.ID, false) // which nobody needs
		no(t, err)
		_, err = f.federation.Enable(f.Ctx, marieke, f.connection.ID, false)
		f.Wants(err, models.Conflict, "federation.error.required")
		_, err = f.federation.Enable(f.Ctx, marieke, other.ID, true)
		no(t, err)
		f.signsIn(t, other, "marieke", "")
		_, err = f.federation.Enable(f.Ctx, marieke, f.connection.ID, false)
		no(t, err)
		_, err = f.federation.Enable(f.Ctx, marieke, other.ID, false)
		f.Wants(err, models.Conflict, "federation.error.required")
		_, err = f.federation.RequireSSO(f.Ctx, marieke, f.domain.ID, false)
		no(t, err)
		_, err = f.federation.Enable(f.Ctx, marieke, other.ID, false)
		no(t, err)
	})
}

// TestSwitchingOffAndRequiringAtOnce lets no company end up with both.
func TestSwitchingOffAndRequiringAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.signsIn(t, f.connection, "marieke", "")
		marieke, required := f.Actor("marieke"), make(chan error, 1)
		no(t, f.Store.Write(f.Ctx, marieke, models.ManageConnections, func(tx *store.Tx) error {
			_, err := federation.Change(tx, f.connection.ID, func(c *federation.Connection) map[string]any {
				c.Enabled = false
				return nil
			})
			go func() {
				_, err := f.federation.RequireSSO(f.Ctx, marieke, f.domain.ID, true)
				required <- err
			}()
			f.untilBlocked(required)
			return err
		}))
		f.Wants(<-required, models.Conflict, "domain.error.sso_untested")
	})
}

func TestWhatTellsPeopleApartStaysOnceAnybodyIsKnown(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		by := func(attribute string) error {
			_, err := f.federation.Update(f.Ctx, f.Actor("marieke"), f.connection.ID, federation.Draft{Name: "De Vries login", Provider: provider(), IdentityAttribute: attribute})
			return err
		}
		no(t, by("employeeNumber"))
		no(t, by(""))
		f.signsIn(t, f.connection, "anna", "")
		var wrong *models.Error
		if err := by("employeeNumber"); !errors.As(err, &wrong) || wrong.Fields["identity_attribute"].Key != "federation.error.known_otherwise" {
			t.Errorf("changed: %v", err)
		}
		no(t, by(""))
		f.signsIn(t, f.connection, "anna", "")
	})
}

// TestASignInEndsUnderTheConnectionAsItIsThen, not as it was when it began.
func TestASignInEndsUnderTheConnectionAsItIsThen(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		change := func(do func(*federation.Connection)) {
			no(t, f.Store.Write(f.Ctx, f.Actor("marieke"), models.ManageConnections, func(tx *store.Tx) error {
				_, err := federation.Change(tx, f.connection.ID, func(c *federation.Connection) map[string]any { do(c); return nil })
				return err
			}))
		}
		claimed := f.claimed(t, f.connection)
		change(func(c *federation.Connection) { c.IdentityAttribute = "employeeNumber" })
		_, err := f.federation.Finish(f.Ctx, claimed, f.told("anna"))
		f.Wants(err, models.Forbidden, "federation.error.no_identity")
		claimed = f.claimed(t, f.connection)
		change(func(c *federation.Connection) { c.Enabled = false })
		_, err = f.federation.Finish(f.Ctx, claimed, f.told("anna"))
		f.Wants(err, models.Conflict, "federation.error.disabled")
	})
}

func TestSigningInOverALiveSessionEndsItAndItsVisit(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.Delegate("karin", "anna", delegation.Week)
		f.Switch("anna", f.Zonneveld)
		token := f.signsIn(t, f.connection, "marieke", f.Actor("anna").Session) // whoever signs in
		if in := f.ActorOf(token); in.Account != f.ID("marieke") || in.Visiting() {
			t.Errorf("in as %+v", in)
		}
		if !f.Actor("anna").Anonymous() || f.rows("sessions", "revoked_at IS NOT NULL AND account_id = ?", f.ID("anna")) != 1 {
			t.Error("the session goes on")
		}
		if f.rows("visits", "leave_reason = ? AND left_at IS NOT NULL", string(delegation.SignedOut)) != 1 || len(f.Mails(mail.LeftKind)) != 2 {
			t.Errorf("the visit goes on, or nobody was told: %d mails", len(f.Mails(mail.LeftKind)))
		}
		if f.rows("events", "type = ? AND account_id = ? AND company_id = ?", event.SignedOut, f.ID("anna"), f.Production.Company) != 1 {
			t.Error("her company's record does not say so")
		}
		again := f.signsIn(t, f.connection, "marieke", secret.Hash("of nobody"))
		if f.ActorOf(again).Account != f.ID("marieke") || f.ActorOf(token).Anonymous() {
			t.Error("a session that there is not stood for another")
		}
	})
}
