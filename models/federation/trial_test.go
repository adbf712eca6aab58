package federation

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// test goes through a test sign-in of Marieke's up to its ticket.
func (h *house) test(in Told) (ticket string, err error) {
	h.t.Helper()
	begun, err := h.federation.BeginTest(h.ctx, h.marieke, Start{Connection: h.connection.ID, RequestID: "_t1", BrowserHash: browser})
	h.must(err)
	claimed, err := h.federation.Claim(h.ctx, h.connection.ID, begun.RelayState)
	h.must(err)
	if !claimed.Test {
		h.t.Fatal("the test was forgotten on the way")
	}
	return h.federation.Finish(h.ctx, claimed, in)
}

// TestATestSignInGivesNothing: no account, no identity, no reading, no session,
// no role; but its assertion is spent.
func TestATestSignInGivesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		tables := []any{&account.Account{}, &account.Address{}, &account.Session{}, &Identity{}, &store.Event{}}
		count := func() (n []int64) {
			for _, table := range tables {
				n = append(n, h.count(table, "1 = 1"))
			}
			return n
		}
		before := count()
		in := anna()
		ticket, err := h.test(in)
		h.must(err)
		seen, err := h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, ticket)
		h.must(err)
		if !seen.New() || seen.Person != "Anna Visser" || seen.Email != "Anna@devries.example" || len(seen.Attributes) != 3 || seen.Name != "anna-7" {
			t.Errorf("saw %+v", seen)
		}
		if after := count(); !slices.Equal(before, after) || len(h.said) != 0 {
			t.Errorf("rows %v became %v, and %d readings were resolved", before, after, len(h.said))
		}
		if c := h.reload(); c.TestedAt == nil || c.LastSuccessAt != nil {
			t.Errorf("tested %v, last success %v", c.TestedAt, c.LastSuccessAt)
		}
		_, err = h.federation.Finish(h.ctx, h.begin(), in)
		h.failed(err, "federation.error.replayed")
		_, err = h.test(in)
		h.failed(err, "federation.error.replayed")
	})
}

// TestATestIsSeenOnceAndByItsManagerAlone, and its ticket opens no session.
func TestATestIsSeenOnceAndByItsManagerAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		ticket, err := h.test(anna())
		h.must(err)
		if _, _, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{}); err == nil {
			t.Fatal("a test's ticket opened a session")
		}
		elsewhere := h.marieke
		elsewhere.Session = "ses_other"
		stranger := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
		for name, by := range map[string]models.Actor{"another session": elsewhere, "another company": stranger} {
			if _, err := h.federation.TestOutcome(h.ctx, by, h.connection.ID, ticket); models.KindOf(err) != models.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, ticket)
		h.must(err)
		if _, err := h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, ticket); models.KindOf(err) != models.NotFound {
			t.Errorf("a second look: %v", err)
		}
		late, err := h.test(anna())
		h.must(err)
		h.now = h.now.Add(TestLife)
		if _, err := h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, late); models.KindOf(err) != models.NotFound {
			t.Errorf("a look after a quarter of an hour: %v", err)
		}
	})
}

// TestATicketOfASignInShowsNoTest: the two kinds of tickets are not exchanged.
func TestATicketOfASignInShowsNoTest(t *testing.T) {
	h := newHouse(t)
	ticket, err := h.federation.Finish(h.ctx, h.begin(), anna())
	h.must(err)
	if _, err := h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, ticket); models.KindOf(err) != models.NotFound {
		t.Errorf("shown: %v", err)
	}
}

func TestATestSaysWhoWouldComeInOrWhyNobody(t *testing.T) {
	h := newHouse(t)
	known, err := h.signIn(anna())
	h.must(err)
	koen := h.person("Koen Maes", "koen@devries.example", true)
	for name, c := range map[string]struct {
		in               Told
		account, problem string
	}{
		"known at the provider":      {in: anna(), account: known.Account},
		"known by the address":       {in: func() Told { in := anna().with("email", koen.Normal); in.Name = "koen-1"; return in }(), account: koen.ID},
		"an address of somebody":     {in: func() Told { in := anna(); in.Name = "another"; return in }(), problem: "federation.error.taken"},
		"another company's domain":   {in: anna().with("email", "anna@zonneveld.example"), problem: "federation.error.foreign_domain"},
		"no address and never seen":  {in: func() Told { in := anna().with("email"); in.Name = "x"; return in }(), problem: "federation.error.no_email"},
		"another name at each visit": {in: func() Told { in := anna(); in.Transient = true; return in }(), problem: "federation.error.transient"},
	} {
		c.in.Assertion = models.NewID("ass")
		ticket, err := h.test(c.in)
		h.must(err)
		seen, err := h.federation.TestOutcome(h.ctx, h.marieke, h.connection.ID, ticket)
		h.must(err)
		if seen.Account != c.account || seen.Problem.Key != c.problem || len(seen.Attributes) == 0 {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

// TestAConnectionIsTestedBeforeItIsSwitchedOn; sign-ins through it wait.
func TestAConnectionIsTestedBeforeItIsSwitchedOn(t *testing.T) {
	h := newHouse(t)
	_, err := h.federation.Enable(h.ctx, h.marieke, h.connection.ID, false)
	h.must(err)
	_, err = h.test(anna())
	h.must(err)
	_, err = h.federation.Begin(h.ctx, Start{Connection: h.connection.ID, RequestID: "_r", BrowserHash: browser})
	h.failed(err, "federation.error.disabled")
	stranger := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
	if _, err := h.federation.BeginTest(h.ctx, stranger, Start{Connection: h.connection.ID}); models.KindOf(err) != models.NotFound {
		t.Errorf("a stranger tests it: %v", err)
	}
}
