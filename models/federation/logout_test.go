package federation

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/store"
)

// session gives somebody a session of a sign-in, and its actor.
func (h *house) session(in Told) models.Actor {
	h.t.Helper()
	ticket, err := h.federation.Finish(h.ctx, h.begin(), in)
	h.must(err)
	_, arrived, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{})
	h.must(err)
	var row account.Session
	h.must(h.store.SystemRead(h.ctx, "test session", func(tx *store.Tx) error {
		return tx.Where("account_id = ?", arrived.Account).Order("created_at DESC, id DESC").Take(&row).Error
	}))
	return models.Actor{Account: row.AccountID, Session: row.ID}
}

func (h *house) live(by models.Actor) bool {
	h.t.Helper()
	return h.count(&account.Session{}, "id = ? AND revoked_at IS NULL", by.Session) == 1
}

func farewell(sessions ...string) Farewell {
	return Farewell{Request: models.NewID("req"), Expires: time.Date(2026, 11, 21, 9, 8, 0, 0, time.UTC), Ours: "https://hub.example/metadata", Sessions: sessions,
		Subject: Subject{EntityID: provider().EntityID, Name: "anna-7", NameQualifier: "q", SPNameQualifier: "https://hub.example/metadata"}}
}

// TestAProviderEndsTheSessionsItOpened, of that person and of that index, and no
// session that was opened otherwise.
func TestAProviderEndsTheSessionsItOpened(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		next := func(index string) Told {
			in := anna().with("country", "NL")
			in.SessionIndex = index
			h.now = h.now.Add(time.Second)
			return in
		}
		one, two := h.session(next("_s1")), h.session(next("_s2"))
		var byCode models.Actor
		h.must(h.store.System(h.ctx, "test sign-in", func(tx *store.Tx) error {
			_, err := access.Open(tx, access.Opening{Account: one.Account, Method: "code"})
			return err
		}))
		h.must(h.store.SystemRead(h.ctx, "test session", func(tx *store.Tx) error {
			var row account.Session
			err := tx.Where("account_id = ? AND method = ?", one.Account, "code").Take(&row).Error
			byCode = models.Actor{Account: row.AccountID, Session: row.ID}
			return err
		}))
		for name, change := range map[string]func(*Farewell){
			"another person":    func(f *Farewell) { f.Subject.Name = "koen-1" },
			"another qualifier": func(f *Farewell) { f.Subject.NameQualifier = "x" },
			"another provider":  func(f *Farewell) { f.Subject.EntityID = "https://other.example" },
			"another session":   func(f *Farewell) { f.Sessions = []string{"_s9"} },
		} {
			asked := farewell()
			change(&asked)
			if ended, err := h.federation.EndSessions(h.ctx, h.connection.ID, asked); err != nil || ended != 0 {
				t.Errorf("%s: %d sessions ended (%v)", name, ended, err)
			}
		}
		asked := farewell("_s1")
		ended, err := h.federation.EndSessions(h.ctx, h.connection.ID, asked)
		h.must(err)
		if ended != 1 || h.live(one) || !h.live(two) {
			t.Fatalf("%d ended; one lives %v, two %v", ended, h.live(one), h.live(two))
		}
		_, err = h.federation.EndSessions(h.ctx, h.connection.ID, asked)
		h.failed(err, "federation.error.replayed")
		ended, err = h.federation.EndSessions(h.ctx, h.connection.ID, farewell())
		h.must(err)
		if ended != 1 || h.live(two) || !h.live(byCode) {
			t.Errorf("%d ended; two lives %v, the one by code %v", ended, h.live(two), h.live(byCode))
		}
		if h.count(&store.Event{}, "type = ?", "session.ended") != 2 {
			t.Error("nothing was recorded")
		}
	})
}

// TestASignOutThroughTheProviderIsAnsweredOnce.
func TestASignOutThroughTheProviderIsAnsweredOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		by := h.session(anna())
		if connection, relay, err := h.federation.BeginSignOut(h.ctx, by); err != nil || relay != "" || connection != "" {
			t.Fatalf("a provider without an address for it: %q %q (%v)", connection, relay, err)
		}
		p := provider()
		p.SLORedirect = "https://login.devries.example/slo"
		_, err := h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, p)
		h.must(err)
		if _, relay, err := h.federation.BeginSignOut(h.ctx, h.marieke); err != nil || relay != "" {
			t.Fatalf("a session of no provider: %q (%v)", relay, err)
		}
		connection, relay, err := h.federation.BeginSignOut(h.ctx, by)
		h.must(err)
		h.failed(h.federation.Departed(h.ctx, connection, relay, ""), "federation.error.not_left")
		d, err := h.federation.Depart(h.ctx, connection, relay, "_r1")
		h.must(err)
		if d.Subject.Name != "anna-7" || d.Subject.NameQualifier != "q" || d.SessionIndex != "_s1" || len(d.Keys) != 1 {
			t.Errorf("departs with %+v", d)
		}
		if _, err := h.federation.Depart(h.ctx, connection, relay, "_r2"); models.KindOf(err) != models.NotFound {
			t.Errorf("a second time: %v", err)
		}
		h.failed(h.federation.Departed(h.ctx, connection, relay, "_r2"), "federation.error.not_left")
		h.must(h.federation.Departed(h.ctx, connection, relay, "_r1"))
		h.failed(h.federation.Departed(h.ctx, connection, relay, "_r1"), "federation.error.not_left")
		_, late, err := h.federation.BeginSignOut(h.ctx, by)
		h.must(err)
		h.now = h.now.Add(SignOutLife)
		if _, err := h.federation.Depart(h.ctx, connection, late, "_r3"); models.KindOf(err) != models.NotFound {
			t.Errorf("too late: %v", err)
		}
	})
}
