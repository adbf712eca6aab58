package delegation_test

import (
	"errors"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// inside gives sanne of Kade a week at Zonneveld, and lets her enter.
func inside(w *modelstest.World) (delegation.Delegation, models.Actor) {
	w.T.Helper()
	d := w.Delegate("karin", "sanne", delegation.Week)
	w.Switch("sanne", w.Zonneveld)
	return d, w.Actor("sanne")
}

// visits reads every visit, past every wall.
func visits(w *modelstest.World) (list []delegation.Visit) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error { return tx.Order("entered_at, id").Find(&list).Error })
	return list
}

// works tries what a visitor may do.
func works(w *modelstest.World, by models.Actor) error {
	return w.Store.Write(w.Ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		tx.Record("test.worked", store.About{})
		return nil
	})
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEdge01ExpiresOrIsRevokedDuringARequest(t *testing.T) {
	t.Run("revoked before the write begins", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d, sanne := inside(w)
			no(t, works(w, sanne))
			no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
			w.Wants(works(w, sanne), models.Forbidden, "error.delegation_ended")
			if w.Count(w.Zonneveld, "test.worked") != 1 || w.Count(w.Zonneveld, event.AccessRefused) != 1 {
				t.Fatalf("events: %v", w.Events(w.Zonneveld))
			}
		})
	})
	t.Run("expired between the page and the write", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d, sanne := inside(w)
			w.Advance(d.EndsAt.Sub(w.Now()) - time.Microsecond)
			w.System(func(tx *store.Tx) error { // she was here all the time
				return tx.Table("sessions").Where("id = ?", sanne.Session).Updates(map[string]any{"last_seen_at": models.At(tx.Now()), "expires_at": models.At(tx.Now().Add(time.Hour))}).Error
			})
			no(t, works(w, sanne))
			w.Advance(time.Microsecond)
			w.Wants(works(w, sanne), models.Forbidden, "error.delegation_ended")
			if got := w.Actor("sanne"); got.Visiting() || got.Ended == nil || got.Ended.Reason != string(delegation.ByExpiry) || !got.Ended.At.Equal(d.EndsAt.Time) {
				t.Fatalf("she is told %+v", got.Ended)
			}
		})
	})
	t.Run("a revocation waits for the write under way, and holds for the next", func(t *testing.T) {
		w := modelstest.New(t, "postgres")
		d, sanne := inside(w)
		karin := w.Actor("karin")
		revoked, under := make(chan error, 1), make(chan struct{})
		go func() {
			<-under
			revoked <- w.Delegations.Revoke(w.Ctx, karin, d.ID)
		}()
		err := w.Store.Write(w.Ctx, sanne, models.ViewMembers, func(tx *store.Tx) error {
			close(under)
			waitForLock(t, w)
			select {
			case err := <-revoked:
				t.Errorf("revoked during the write: %v", err)
			default:
			}
			tx.Record("test.worked", store.About{})
			return nil
		})
		no(t, err)
		no(t, <-revoked)
		w.Wants(works(w, sanne), models.Forbidden, "error.delegation_ended")
		if w.Count(w.Zonneveld, "test.worked") != 1 {
			t.Fatalf("events: %v", w.Events(w.Zonneveld))
		}
	})
	t.Run("a write that began before the revocation and derives after it is rolled back", func(t *testing.T) {
		w := modelstest.New(t, "postgres")
		d, sanne := inside(w)
		wrote := make(chan error, 1)
		no(t, w.Store.Write(w.Ctx, w.Actor("karin"), models.ManageDelegations, func(tx *store.Tx) error {
			now := models.At(tx.Now())
			err := tx.Model(&delegation.Delegation{}).Where("id = ?", d.ID).Updates(map[string]any{"revoked_at": now, "version": d.Version + 1}).Error
			go func() { wrote <- works(w, sanne) }()
			waitForLock(t, w) // it waits for the delegation's row
			tx.Record(event.DelegationRevoked, store.About{ID: d.ID})
			return err
		}))
		w.Wants(<-wrote, models.Forbidden, "error.delegation_ended")
		if w.Count(w.Zonneveld, "test.worked") != 0 {
			t.Fatal("it was written all the same")
		}
	})
}

// waitForLock returns once a transaction waits for another.
func waitForLock(t *testing.T, w *modelstest.World) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var waiting int64
		err := w.Store.SystemRead(w.Ctx, "a test", func(tx *store.Tx) error {
			return tx.Table("pg_locks").Where("NOT granted").Count(&waiting).Error
		})
		no(t, err)
		if waiting > 0 {
			return
		}
	}
	t.Error("nobody waits for a lock")
}

func TestEdge02TheSweepIsLateAndNobodyGetsIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		w.Switch("sanne", w.Zonneveld)
		stale := w.Actor("sanne")
		w.Advance(7 * time.Hour) // three hours late
		if got := w.Actor("sanne"); got.Visiting() || got.May(models.ViewMembers) && got.Effective.Organization == w.Zonneveld.Organization {
			t.Fatal("she is still inside")
		}
		w.Wants(works(w, stale), models.Forbidden, "error.delegation_ended")
		_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
		w.Wants(err, models.NotFound, "error.not_found")
		no(t, w.Delegations.Expire(w.Ctx))
		no(t, w.Delegations.Expire(w.Ctx)) // the second finds nothing to do
		v := visits(w)[0]
		if v.LeftAt == nil || !v.LeftAt.Equal(d.EndsAt.Time) || v.LeaveReason != delegation.ByExpiry {
			t.Fatalf("left %v, %s; it ended %s", v.LeftAt, v.LeaveReason, d.EndsAt)
		}
		if n := w.Count(w.Zonneveld, event.DelegationExpired); n != 1 || w.Count(w.Zonneveld, event.VisitLeft) != 1 || w.Count(w.Kade, event.AwayLeft) != 1 {
			t.Fatalf("events: %v / %v", w.Events(w.Zonneveld), w.Events(w.Kade))
		}
		if len(w.Mails(mail.LeftKind)) != 2 || len(w.Mails(mail.ExpiredKind)) != 3 {
			t.Fatalf("%d left, %d expired", len(w.Mails(mail.LeftKind)), len(w.Mails(mail.ExpiredKind)))
		}
	})
}

// Whatever closes the visit before the sweep comes by, it ended when the
// delegation did.
func TestEdge02WhoeverNoticesTheEndFirstTheRecordIsTheSame(t *testing.T) {
	for name, notice := range map[string]func(w *modelstest.World) error{
		"she is told": func(w *modelstest.World) error { return w.Sessions.Settle(w.Ctx, w.Actor("sanne")) },
		"she switches": func(w *modelstest.World) error {
			_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Kade.Organization)
			if err != nil {
				return err
			}
			d := w.Delegate("marieke", "sanne", delegation.Day)
			_, err = w.Sessions.Switch(w.Ctx, w.Actor("sanne"), d.OrganizationID)
			return err
		},
		"she goes to another host": func(w *modelstest.World) error {
			d := w.Delegate("marieke", "sanne", delegation.Day)
			_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), d.OrganizationID)
			return err
		},
		"she signs out":  func(w *modelstest.World) error { return w.Sessions.SignOut(w.Ctx, w.Actor("sanne")) },
		"the idle sweep": func(w *modelstest.World) error { w.Advance(20 * time.Hour); return w.Delegations.EndIdle(w.Ctx) },
		"a new delegation": func(w *modelstest.World) error {
			_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d := w.Delegate("karin", "sanne", delegation.FourHours)
				w.Switch("sanne", w.Zonneveld)
				w.Advance(5 * time.Hour)
				no(t, notice(w))
				no(t, w.Delegations.Expire(w.Ctx))
				no(t, w.Delegations.EndIdle(w.Ctx))
				v := visits(w)[0]
				if v.LeftAt == nil || !v.LeftAt.Equal(d.EndsAt.Time) || v.LeaveReason != delegation.ByExpiry {
					t.Fatalf("left %v, %s; it ended %s", v.LeftAt, v.LeaveReason, d.EndsAt)
				}
				if n := w.Count(w.Zonneveld, event.VisitLeft); n != 1 {
					t.Fatalf("left %d times", n)
				}
			})
		})
	}
}

func TestEdge03RevokeRacesExtendAndWins(t *testing.T) {
	t.Run("extended with the version of before", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("karin", "sanne", delegation.Day)
			no(t, w.Delegations.Extend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Week, ""))
			w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Month, ""), models.Conflict, "delegation.error.changed")
			no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)) // it needs no version: it wins
			w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("pim"), d.ID, d.Version+2, delegation.Month, ""), models.Conflict, "delegation.error.revoked")
			w.Wants(w.Delegations.Revoke(w.Ctx, w.Actor("pim"), d.ID), models.Conflict, "delegation.error.over")
		})
	})
	t.Run("at the same time", func(t *testing.T) {
		w := modelstest.New(t, "postgres")
		karin, pim := w.Actor("karin"), w.Actor("pim")
		for range 12 {
			d := w.Delegate("karin", "sanne", delegation.Day)
			w.Switch("sanne", w.Zonneveld)
			extended, revoked := make(chan error), make(chan error)
			go func() { extended <- w.Delegations.Extend(w.Ctx, pim, d.ID, d.Version, delegation.Week, "") }()
			go func() { revoked <- w.Delegations.Revoke(w.Ctx, karin, d.ID) }()
			if err := <-extended; err != nil && models.KindOf(err) != models.Conflict {
				t.Fatal(err)
			}
			no(t, <-revoked)
			details, err := w.Delegations.Get(w.Ctx, karin, d.ID)
			no(t, err)
			if details.Status(w.Now()) != delegation.Revoked || w.Actor("sanne").Visiting() || details.Present {
				t.Fatalf("after the race it is %s", details.Status(w.Now()))
			}
			no(t, w.Sessions.Settle(w.Ctx, w.Actor("sanne")))
			w.Advance(time.Hour) // the limit on switching is of another test
			w.System(func(tx *store.Tx) error {
				return tx.Table("sessions").Where("1 = 1").Updates(map[string]any{"last_seen_at": models.At(tx.Now())}).Error
			})
		}
	})
	t.Run("the extension waits for a revocation under way", func(t *testing.T) {
		w := modelstest.New(t, "postgres")
		d := w.Delegate("karin", "sanne", delegation.Day)
		pim := w.Actor("pim")
		extended := make(chan error, 1)
		no(t, w.Store.Write(w.Ctx, w.Actor("karin"), models.ManageDelegations, func(tx *store.Tx) error {
			tx.Record(event.DelegationRevoked, store.About{ID: d.ID})
			err := tx.Model(&delegation.Delegation{}).Where("id = ?", d.ID).Updates(map[string]any{"revoked_at": models.At(tx.Now()), "version": d.Version + 1}).Error
			go func() { extended <- w.Delegations.Extend(w.Ctx, pim, d.ID, d.Version, delegation.Week, "") }()
			waitForLock(t, w)
			return err
		}))
		w.Wants(<-extended, models.Conflict, "delegation.error.revoked")
	})
}

func TestEdge04BrowserClosedAndSessionTimedOut(t *testing.T) {
	for name, c := range map[string]struct {
		hours int // the host's idle limit
		after time.Duration
		why   delegation.LeaveReason
		left  time.Duration
	}{
		"the host's idle limit":        {2, 3 * time.Hour, delegation.Idle, 2 * time.Hour},
		"the session's own":            {0, 13 * time.Hour, delegation.SessionEnded, 12 * time.Hour},
		"the default of both":          {12, 30 * time.Hour, delegation.Idle, 12 * time.Hour},
		"not before the limit is up":   {12, 11 * time.Hour, "", 0},
		"a limit beyond the session's": {48, 20 * time.Hour, delegation.SessionEnded, 12 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				w.System(func(tx *store.Tx) error {
					return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("idle_hours", c.hours).Error
				})
				inside(w)
				w.Advance(c.after)
				no(t, w.Delegations.EndIdle(w.Ctx))
				no(t, w.Delegations.EndIdle(w.Ctx))
				v := visits(w)[0]
				if c.why == "" {
					if v.LeftAt != nil || len(w.Mails(mail.LeftKind)) != 0 {
						t.Fatalf("left %s, %s", v.LeftAt, v.LeaveReason)
					}
					return
				}
				if v.LeftAt == nil || v.LeaveReason != c.why || v.LeftAt.Sub(v.EnteredAt.Time) != c.left {
					t.Fatalf("left %v, %s", v.LeftAt, v.LeaveReason)
				}
				if len(w.Mails(mail.LeftKind)) != 2 || w.Count(w.Zonneveld, event.VisitLeft) != 1 {
					t.Fatalf("%d mails, events %v", len(w.Mails(mail.LeftKind)), w.Events(w.Zonneveld))
				}
			})
		})
	}
}

func TestEdge05CrashBetweenSwitchAndMail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		sanne := w.Actor("sanne")
		crash := errors.New("crash")
		enter := func(tx *store.Tx) error {
			_, told, err := delegation.Enter(tx, d, w.Zonneveld, sanne)
			if told != 2 {
				t.Errorf("%d would be told", told)
			}
			return err
		}
		err := w.Store.SystemFor(w.Ctx, sanne, "a test", func(tx *store.Tx) error {
			no(t, enter(tx))
			return crash
		})
		if !errors.Is(err, crash) || len(visits(w)) != 0 || len(w.Mails(mail.EnteredKind)) != 0 || w.Count(w.Zonneveld, event.VisitEntered) != 0 || w.Count(w.Kade, event.AwayEntered) != 0 {
			t.Fatalf("%v left something behind: %v", err, w.Events(w.Zonneveld))
		}
		no(t, w.Store.SystemFor(w.Ctx, sanne, "a test", enter))
		if len(visits(w)) != 1 || len(w.Mails(mail.EnteredKind)) != 2 || w.Count(w.Zonneveld, event.VisitEntered) != 1 {
			t.Fatal("not everything is there")
		}
	})
}

func TestEdge05ARepeatHasTheSameMessageID(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inside(w)
		sent := w.Mails(mail.EnteredKind)[0]
		again := func() *mail.Mail {
			m, err := w.Outbox.Waiting(w.Ctx, mail.Job{Company: sent.CompanyID, Mail: sent.ID})
			no(t, err)
			return m
		}
		first := again()
		no(t, w.Outbox.Failed(w.Ctx, first, "no answer", false))
		second := again()
		if first.MessageID == "" || first.MessageID != second.MessageID || second.Attempts != 1 {
			t.Fatalf("%s, then %s", first.MessageID, second.MessageID)
		}
		// The same visit, event and recipient queued again is the same mail.
		w.System(func(tx *store.Tx) error {
			content, err := sent.Content()
			if err != nil {
				return err
			}
			return mail.Queue(tx, mail.Draft{Company: sent.CompanyID, Organization: sent.OrganizationID, Key: sent.Key, To: mail.Recipient{Account: sent.AccountID, Email: sent.Recipient}, Content: content})
		})
		if n := len(w.Mails(mail.EnteredKind)); n != 2 {
			t.Fatalf("%d mails", n)
		}
		no(t, w.Outbox.Sent(w.Ctx, second))
		if again() != nil {
			t.Fatal("it would be sent once more")
		}
	})
}

func TestEdge06EnteringWorksWhileTheMailServerIsDown(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, sanne := inside(w)
		for _, m := range w.Mails(mail.EnteredKind) {
			no(t, w.Outbox.Failed(w.Ctx, &m, "connection refused", false))
		}
		no(t, works(w, sanne))
		stuck, err := w.Outbox.Stuck(w.Ctx, w.Actor("karin"))
		if err != nil || stuck != 2 {
			t.Fatalf("superusers are told of %d: %v", stuck, err)
		}
		_, err = w.Outbox.Stuck(w.Ctx, sanne)
		w.Wants(err, models.Forbidden, "error.forbidden")
		other, err := w.Outbox.Stuck(w.Ctx, w.Actor("marieke"))
		if err != nil || other != 0 {
			t.Fatalf("another organization is told of %d: %v", other, err)
		}
	})
}

func TestAVisitIsClosedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inside(w)
		open := visits(w)[0]
		for n, why := range []delegation.LeaveReason{delegation.SignedOut, delegation.Idle} {
			w.System(func(tx *store.Tx) error {
				return delegation.End(tx, open, why, w.Now().Add(time.Duration(n+1)*time.Minute))
			})
		}
		v := visits(w)[0]
		if v.LeaveReason != delegation.SignedOut || v.LeftAt.Sub(v.EnteredAt.Time) != time.Minute || w.Count(w.Zonneveld, event.VisitLeft) != 1 || len(w.Mails(mail.LeftKind)) != 2 {
			t.Fatalf("left %v, %s; %v", v.LeftAt, v.LeaveReason, w.Events(w.Zonneveld))
		}
	})
}
