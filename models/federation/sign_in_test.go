package federation

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/secret"
	"locum/models/store"
)

func TestFirstSignInMakesTheAccount(t *testing.T) {
	h := newHouse(t)
	arrived, err := h.signIn(anna())
	h.must(err)
	want := Arrived{Account: arrived.Account, Company: h.connection.CompanyID, Connection: h.connection.ID, ReturnTo: "/members",
		AuthTime: anna().AuthTime, SessionIndex: "_s1", Subject: Subject{EntityID: provider().EntityID, Name: "anna-7", NameQualifier: "q"}}
	if arrived != want {
		t.Errorf("arrived %+v", arrived)
	}
	h.must(h.store.SystemRead(h.ctx, "test", func(tx *store.Tx) error {
		p, err := account.Load(tx, arrived.Account)
		if p.Name != "Anna Visser" || p.Email != "Anna@devries.example" || !p.Proven {
			t.Errorf("made %+v", p)
		}
		return err
	}))
	if got := h.said[0]; got.Account != arrived.Account || len(got.Attributes) != 3 {
		t.Errorf("resolved with %+v", got)
	}
}

func TestSecondSignInRecognisesThePerson(t *testing.T) {
	h := newHouse(t)
	first, err := h.signIn(anna())
	h.must(err)
	second, err := h.signIn(anna())
	h.must(err)
	if first.Account != second.Account || h.count(&Identity{}, "1 = 1") != 1 {
		t.Errorf("%s and %s", first.Account, second.Account)
	}
}

// TestAPersonIsKeyedByAllPartsOfTheName: qualifiers and the provider count too.
func TestAPersonIsKeyedByAllPartsOfTheName(t *testing.T) {
	h := newHouse(t)
	seen := map[string]bool{}
	for i, change := range []func(*Told){
		func(*Told) {}, func(in *Told) { in.Name = "anna-8" }, func(in *Told) { in.NameQualifier = "other" },
		func(in *Told) { in.SPNameQualifier = "other" }, func(in *Told) { in.EntityID = "https://other.example" },
	} {
		in := anna().with("email", string(rune('a'+i))+"@devries.example")
		change(&in)
		arrived, err := h.signIn(in)
		h.must(err)
		if seen[arrived.Account] {
			t.Errorf("change %d: the same account", i)
		}
		seen[arrived.Account] = true
	}
}

func TestExistingAccountIsLinkedThroughTheVerifiedDomain(t *testing.T) {
	h := newHouse(t)
	known := h.person("Anna V.", "anna@devries.example", false)
	arrived, err := h.signIn(anna())
	h.must(err)
	if arrived.Account != known.ID {
		t.Errorf("arrived as %s, not %s", arrived.Account, known.ID)
	}
	if h.count(&account.Address{}, "account_id = ? AND proven_at IS NOT NULL", known.ID) != 1 {
		t.Error("the address is not proven")
	}
}

func TestSignInsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*house)
		in     Told
		key    string
	}{
		"address of a domain nobody verified": {nil, anna().with("email", "noor@noorhendriks.example"), "federation.error.foreign_domain"},
		"address of another company's domain": {func(h *house) {
			karin := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
			_, err := h.federation.AddDomain(h.ctx, karin, "zonneveld.example")
			h.must(err)
			_, err = h.federation.VouchDomain(h.ctx, h.operator, karin.Effective.Company, "zonneveld.example")
			h.must(err)
		}, anna().with("email", "karin@zonneveld.example"), "federation.error.foreign_domain"},
		"address of a domain that waits to be verified": {func(h *house) {
			_, err := h.federation.AddDomain(h.ctx, h.marieke, "pending.example")
			h.must(err)
		}, anna().with("email", "anna@pending.example"), "federation.error.foreign_domain"},
		"known person with a foreign address": {func(h *house) {
			_, err := h.signIn(anna())
			h.must(err)
		}, anna().with("email", "karin@zonneveld.example"), "federation.error.foreign_domain"},
		"nobody's address":     {nil, anna().with("email"), "federation.error.no_email"},
		"transient name":       {nil, func() Told { in := anna(); in.Transient = true; return in }(), "federation.error.transient"},
		"address of a service": {func(h *house) { h.service("anna@devries.example") }, anna(), "federation.error.taken"},
		"address of somebody else at the provider": {func(h *house) {
			other := anna()
			other.Name = "anna-old"
			_, err := h.signIn(other)
			h.must(err)
		}, anna(), "federation.error.taken"},
		"deactivated person": {func(h *house) {
			arrived, err := h.signIn(anna())
			h.must(err)
			h.deactivate(arrived.Account)
		}, anna(), "federation.error.deactivated"},
		"deactivated account with the address": {func(h *house) { h.deactivate(h.person("Anna", "anna@devries.example", true).ID) }, anna(), "federation.error.deactivated"},
		"an error of the connectors": {func(h *house) {
			h.resolve = func(*store.Tx, Said) (*models.Error, error) {
				return nil, models.Fail(models.Forbidden, "provisioning.error.refused")
			}
		}, anna(), "provisioning.error.refused"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			if c.before != nil {
				c.before(h)
			}
			accounts, identities := h.count(&account.Account{}, "1 = 1"), h.count(&Identity{}, "1 = 1")
			_, err := h.signIn(c.in)
			h.failed(err, c.key)
			e, _ := refused(err)
			reference, _ := e.Args["Reference"].(string)
			if h.count(&store.Event{}, "type = ? AND subject_id = ? AND company_id = ?", "session.refused", reference, h.connection.CompanyID) != 1 {
				t.Error("no event carries the reference")
			}
			if h.count(&account.Account{}, "1 = 1") != accounts || h.count(&Identity{}, "1 = 1") != identities {
				t.Error("the refusal left something behind")
			}
		})
	}
}

func (h *house) service(address string) {
	p := h.person("robot", address, true)
	h.alter(&account.Account{}, p.ID, "service", true)
}

func (h *house) deactivate(id string) {
	h.alter(&account.Account{}, id, "deactivated_at", models.At(h.now))
}

func (h *house) alter(model any, id, column string, value any) {
	h.t.Helper()
	h.must(h.store.System(h.ctx, "test change", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(model).Where("id = ?", id).Update(column, value).Error
	}))
}

func TestChosenAttributeTellsPeopleApart(t *testing.T) {
	h := newHouse(t)
	var err error
	h.connection, err = h.federation.Update(h.ctx, h.marieke, h.connection.ID, Draft{Name: "De Vries login", Provider: provider(), IdentityAttribute: "employeeNumber"})
	h.must(err)
	_, err = h.signIn(anna())
	h.failed(err, "federation.error.no_identity")
	in := anna().with("employeeNumber", "7")
	in.Transient = true
	first, err := h.signIn(in)
	h.must(err)
	in = in.with("employeeNumber", "7")
	in.Name = "another transient name"
	second, err := h.signIn(in)
	h.must(err)
	if first.Account != second.Account {
		t.Error("the attribute did not recognise the person")
	}
}

func TestEmailNamesAreRecognisedInAnyCase(t *testing.T) {
	h := newHouse(t)
	in := anna().with("email")
	in.NameIsEmail, in.Name = true, "anna@devries.example"
	first, err := h.signIn(in)
	h.must(err)
	in.Name, in.Assertion = "Anna@DeVries.example", models.NewID("ass")
	second, err := h.signIn(in)
	h.must(err)
	if first.Account != second.Account {
		t.Error("two accounts for one address")
	}
}

func TestAddressFollowsTheProvider(t *testing.T) {
	for name, c := range map[string]struct {
		before func(h *house, id string)
		want   []string
	}{
		"changed":                         {nil, []string{"anna.bakker@devries.example"}},
		"collision keeps the old one":     {func(h *house, _ string) { h.person("Other", "anna.bakker@devries.example", true) }, []string{"anna@devries.example"}},
		"an address of one's own is kept": {func(h *house, id string) { h.readdress(id, "anna@home.example") }, []string{"anna.bakker@devries.example", "anna@home.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			first, err := h.signIn(anna())
			h.must(err)
			if c.before != nil {
				c.before(h, first.Account)
			}
			second, err := h.signIn(anna().with("email", "anna.bakker@devries.example"))
			h.must(err)
			if second.Account != first.Account {
				t.Fatal("signed in as somebody else")
			}
			h.must(h.store.SystemRead(h.ctx, "test", func(tx *store.Tx) error {
				got, err := account.ProvenAddresses(tx, first.Account)
				if !slices.Equal(got, c.want) {
					t.Errorf("addresses %v, want %v", got, c.want)
				}
				return err
			}))
		})
	}
}

func (h *house) readdress(id, address string) {
	h.t.Helper()
	h.must(h.store.System(h.ctx, "test change", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&account.Address{}).Where("account_id = ?", id).Updates(map[string]any{"email": address, "normal": address}).Error
	}))
}

// TestAssertionCountsOnce, whichever sign-in it comes with.
func TestAssertionCountsOnce(t *testing.T) {
	h := newHouse(t)
	in := anna()
	_, err := h.signIn(in)
	h.must(err)
	_, err = h.signIn(in)
	h.failed(err, "federation.error.replayed")
}

// TestTwentyPostsOfOneResponse give one session.
func TestTwentyPostsOfOneResponse(t *testing.T) {
	h := newHouse(t)
	begun, err := h.federation.Begin(h.ctx, Start{Connection: h.connection.ID, RequestID: "_r1", BrowserHash: browser})
	h.must(err)
	in := anna()
	var sessions sync.Map
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			claimed, err := h.federation.Claim(h.ctx, h.connection.ID, begun.RelayState)
			if err != nil {
				return
			}
			ticket, err := h.federation.Finish(h.ctx, claimed, in)
			if err != nil {
				return
			}
			if _, _, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{}); err == nil {
				sessions.Store(i, true)
			}
		})
	}
	all.Wait()
	made := 0
	sessions.Range(func(any, any) bool { made++; return true })
	if made != 1 {
		t.Errorf("%d sessions", made)
	}
}

func TestClaim(t *testing.T) {
	h := newHouse(t)
	other, err := h.federation.Connect(h.ctx, h.marieke, Draft{Name: "Other", Provider: provider()})
	h.must(err)
	for name, c := range map[string]struct {
		connection string
		relay      func(string) string
		before     func()
		key        string
	}{
		"unknown state":           {h.connection.ID, func(string) string { return "x" }, nil, "federation.error.not_asked"},
		"no state":                {h.connection.ID, func(string) string { return "" }, nil, "federation.error.not_asked"},
		"state of another":        {other.ID, func(s string) string { return s }, nil, "federation.error.not_asked"},
		"too late":                {h.connection.ID, func(s string) string { return s }, func() { h.now = h.now.Add(SignInLife) }, "federation.error.too_late"},
		"switched off in between": {h.connection.ID, func(s string) string { return s }, func() { h.enable(false) }, "federation.error.disabled"},
		"claimed once, not twice": {h.connection.ID, func(s string) string { h.claim(s); return s }, nil, "federation.error.used"},
	} {
		t.Run(name, func(t *testing.T) {
			h.enable(true)
			begun, err := h.federation.Begin(h.ctx, Start{Connection: h.connection.ID, RequestID: "_r1", BrowserHash: browser})
			h.must(err)
			relay := c.relay(begun.RelayState)
			if c.before != nil {
				c.before()
			}
			_, err = h.federation.Claim(h.ctx, c.connection, relay)
			h.failed(err, c.key)
		})
	}
	if _, err := h.federation.Begin(h.ctx, Start{Connection: "con_none"}); models.KindOf(err) != models.NotFound {
		t.Errorf("a sign-in at an unknown connection: %v", err)
	}
}

func (h *house) enable(on bool) {
	_, err := h.federation.Enable(h.ctx, h.marieke, h.connection.ID, on)
	h.must(err)
}

func (h *house) claim(relay string) {
	_, err := h.federation.Claim(h.ctx, h.connection.ID, relay)
	h.must(err)
}

// TestTicket: the ACS post comes without a cookie, so the browser is held
// against the one that began when the ticket is redeemed.
func TestTicket(t *testing.T) {
	for name, c := range map[string]struct {
		browser string
		before  func(h *house, ticket, account string)
		key     string
	}{
		"another browser":       {"other", nil, "federation.error.other_browser"},
		"too late":              {browser, func(h *house, _, _ string) { h.now = h.now.Add(TicketLife + time.Second) }, "federation.error.too_late"},
		"twice":                 {browser, func(h *house, ticket, _ string) { h.redeem(ticket) }, "federation.error.used"},
		"deactivated meanwhile": {browser, func(h *house, _, account string) { h.deactivate(account) }, "federation.error.deactivated"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			ticket, err := h.federation.Finish(h.ctx, h.begin(), anna())
			h.must(err)
			if c.before != nil {
				c.before(h, ticket, h.said[0].Account)
			}
			before := h.count(&account.Session{}, "1 = 1")
			_, _, err = h.federation.Redeem(h.ctx, ticket, c.browser, Visitor{})
			h.failed(err, c.key)
			if h.count(&account.Session{}, "1 = 1") != before {
				t.Error("a session was made")
			}
		})
	}
	t.Run("spent by the wrong browser", func(t *testing.T) {
		h := newHouse(t)
		ticket, err := h.federation.Finish(h.ctx, h.begin(), anna())
		h.must(err)
		_, _, err = h.federation.Redeem(h.ctx, ticket, "other", Visitor{})
		h.failed(err, "federation.error.other_browser")
		_, _, err = h.federation.Redeem(h.ctx, ticket, browser, Visitor{})
		h.failed(err, "federation.error.used")
	})
	t.Run("an empty ticket is none", func(t *testing.T) {
		h := newHouse(t)
		h.begin()
		_, _, err := h.federation.Redeem(h.ctx, "", browser, Visitor{})
		h.failed(err, "federation.error.used")
	})
}

// TestSessionIsOpened for the person, and ends with the one at the provider.
func TestSessionIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		ends time.Duration
		want time.Duration
	}{
		"no end at the provider":    {0, account.SessionLife},
		"ends early":                {time.Hour, time.Hour},
		"ends after ours would end": {1000 * time.Hour, account.SessionLife},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			in := anna()
			if c.ends > 0 {
				in.SessionEnds = h.now.Add(c.ends)
			}
			ticket, err := h.federation.Finish(h.ctx, h.begin(), in)
			h.must(err)
			token, arrived, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{UserAgent: "Firefox", Address: "192.0.2.7"})
			h.must(err)
			var s account.Session
			h.must(h.store.SystemRead(h.ctx, "test", func(tx *store.Tx) error { return tx.Where("token_hash = ?", secret.Hash(token)).Take(&s).Error }))
			if s.AccountID != arrived.Account || s.Method != "saml" || s.ConnectionID != h.connection.ID || s.UserAgent != "Firefox" || s.Address != "192.0.2.7" ||
				!s.AuthTime.Equal(in.AuthTime) || !s.ExpiresAt.Equal(h.now.Add(c.want)) {
				t.Errorf("session %+v", s)
			}
		})
	}
}

func (h *house) redeem(ticket string) {
	h.t.Helper()
	_, _, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{})
	h.must(err)
}

func TestPruneForgetsWhatHasEnded(t *testing.T) {
	h := newHouse(t)
	_, err := h.signIn(anna())
	h.must(err)
	prune := func() {
		h.must(h.store.System(h.ctx, "prune", func(tx *store.Tx) error { tx.NothingToRecord(); return Prune(tx) }))
	}
	prune()
	if h.count(&state{}, "1 = 1") != 1 || h.count(&assertion{}, "1 = 1") != 1 {
		t.Error("forgot what still counts")
	}
	h.now = h.now.Add(time.Hour)
	prune()
	if h.count(&state{}, "1 = 1") != 0 || h.count(&assertion{}, "1 = 1") != 0 {
		t.Error("kept what has ended")
	}
}

// TestANameFromTheProviderIsLegible: the same as one that a person types.
func TestANameFromTheProviderIsLegible(t *testing.T) {
	for name, c := range map[string]struct {
		display, given, family, want string
	}{
		"turned around":         {"Anna \u202eressiV", "", "", "Anna ressiV"},
		"with what is not seen": {"An\u200bna\x00 Visser\u2066", "", "", "Anna Visser"},
		"nothing to be seen":    {" \u200b\u2060 ", "Anna", "Visser", "Anna Visser"},
		"nothing at all":        {"\u200b", "\u202e", "\u2066", "anna"},
		"no text":               {"Anna\xff", "", "", "Anna"},
		"too long":              {strings.Repeat("é", 99) + " Visser", "", "", strings.Repeat("é", 99)},
		"an address":            {"anna@devries.example", "Anna", "Visser", "Anna Visser"},
	} {
		in := Told{Attributes: []Attribute{{Name: "displayName", Values: []string{c.display}}, {Name: "givenName", Values: []string{c.given}}, {Name: "sn", Values: []string{c.family}}}}
		if got := in.name(account.Email{Typed: "anna@devries.example"}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
