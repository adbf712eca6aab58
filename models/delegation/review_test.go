package delegation_test

import (
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

const day = 24 * time.Hour

// reviewed sweeps, twice as sweeps do, and counts the questions so far.
func reviewed(w *modelstest.World) int {
	w.T.Helper()
	for range 2 {
		no(w.T.(*testing.T), w.Delegations.Review(w.Ctx))
	}
	return len(w.Mails(mail.QuestionKind))
}

// enter lets somebody enter Zonneveld in a session of this moment.
func enter(w *modelstest.World, key string) {
	w.T.Helper()
	w.NewSession(key)
	w.Switch(key, w.Zonneveld)
}

func TestWithoutAnEndItIsReviewedEvery90Days(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.NoEnd)
		due := d.StartsAt.Add(90 * day)
		for _, c := range []struct {
			before time.Duration
			mails  int
		}{{14*day + time.Minute, 0}, {14 * day, 2}, {3*day + time.Minute, 2}, {3 * day, 4}, {time.Minute, 4}} {
			until(w, due.Add(-c.before))
			if n := reviewed(w); n != c.mails {
				t.Fatalf("%v before: %d mails, want %d", c.before, n, c.mails)
			}
		}
		if got := one(w, d.ID); !got.Asked(w.Now()) || !got.AnswerBy.Equal(due) || got.Version != d.Version {
			t.Fatalf("it asks %v %s by %v", got.Asked(w.Now()), got.Question, got.AnswerBy)
		}
		enter(w, "sanne")
		until(w, due)
		reviewed(w)
		got := one(w, d.ID)
		if got.Status(w.Now()) != delegation.Suspended || got.SuspendReason != delegation.Unreviewed {
			t.Fatalf("it is %s %q", got.Status(w.Now()), got.SuspendReason)
		}
		if v := visits(w)[0]; v.LeaveReason != delegation.BySuspension || w.Actor("sanne").Visiting() {
			t.Fatalf("the visit ended by %q", v.LeaveReason)
		}
		if n := len(w.Mails(mail.SuspendedKind)); n != 3 {
			t.Fatalf("%d were told that it is suspended", n)
		}
		w.Advance(10 * day)
		got = one(w, d.ID)
		no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, got.Version))
		enter(w, "sanne")
		if n := len(w.Mails(mail.ConfirmedKind)); n != 2 { // pim and the consultant
			t.Errorf("%d were told that it is confirmed", n)
		}
		again := w.Now().Add(90 * day)
		until(w, again.Add(-14*day-2*time.Hour)) // the clocks go forward meanwhile
		if n := reviewed(w); n != 4 {
			t.Fatalf("the next review comes too early: %d mails", n)
		}
		until(w, again.Add(-14*day))
		if n := reviewed(w); n != 6 {
			t.Fatalf("the next review does not come: %d mails", n)
		}
	})
}

func TestAReviewIsAnswered(t *testing.T) {
	for name, answer := range map[string]func(w *modelstest.World, d delegation.Delegation) error{
		"by keeping it": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, d.Version)
		},
		"by an end": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Month, "")
		},
		"by revoking it": func(w *modelstest.World, d delegation.Delegation) error {
			return w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				d := w.Delegate("karin", "sanne", delegation.NoEnd)
				w.Advance(77 * day)
				if n := reviewed(w); n != 2 {
					t.Fatalf("%d mails", n)
				}
				d = one(w, d.ID).Delegation
				no(t, answer(w, d))
				w.Advance(14 * day)
				if n := reviewed(w); n != 2 {
					t.Errorf("asked again: %d mails", n)
				}
				if got := one(w, d.ID); got.SuspendedAt != nil || got.Asked(w.Now()) {
					t.Errorf("it is %s, asked %v", got.Status(w.Now()), got.Asked(w.Now()))
				}
			})
		})
	}
}

func TestAHostThatWasNotAskedInTimeHasItsFourteenDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.NoEnd)
		w.Advance(200 * day) // no sweep all the while
		if n := reviewed(w); n != 2 {
			t.Fatalf("%d mails", n)
		}
		got := one(w, d.ID)
		if got.SuspendedAt != nil || !got.AnswerBy.Equal(w.Now().Add(14*day)) {
			t.Fatalf("it is %s, to be answered by %v", got.Status(w.Now()), got.AnswerBy)
		}
		w.Advance(14 * day)
		reviewed(w)
		if got := one(w, d.ID); got.SuspendReason != delegation.Unreviewed {
			t.Errorf("it is %s", got.Status(w.Now()))
		}
	})
}

func TestEdge14WhoGrantedItLosesTheRole(t *testing.T) {
	t.Run("and another confirms", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("pim", "sanne", delegation.Month)
			other := w.Delegate("karin", "thomas", delegation.Month)
			enter(w, "sanne")
			no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("pim"), []string{tenancy.Member}))
			got := one(w, d.ID)
			if got.Question != delegation.GranterGone || !got.AnswerBy.Equal(w.Now().Add(14*day)) || !got.NeedsAttention(w.Now()) {
				t.Fatalf("it asks %q by %v", got.Question, got.AnswerBy)
			}
			if n := len(w.Mails(mail.QuestionKind)); n != 1 || w.Count(w.Zonneveld, event.DelegationQuestioned) != 1 {
				t.Fatalf("%d superusers were asked", n)
			}
			if !w.Actor("sanne").Visiting() || one(w, other.ID).Question != "" {
				t.Fatal("more came of it than a question")
			}
			w.Advance(11 * day)
			if n := reviewed(w); n != 2 {
				t.Fatalf("not asked again: %d mails", n)
			}
			got = one(w, d.ID)
			no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, got.Version))
			w.Advance(4 * day)
			if n := reviewed(w); n != 2 || one(w, d.ID).SuspendedAt != nil {
				t.Fatal("it was suspended all the same")
			}
			if n := len(w.Mails(mail.ConfirmedKind)); n != 0 {
				t.Errorf("%d were told of a suspension that was none", n)
			}
		})
	})
	t.Run("and nobody answers", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("pim", "sanne", delegation.Month)
			no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("pim")))
			w.Advance(14*day - time.Second)
			reviewed(w)
			if one(w, d.ID).SuspendedAt != nil {
				t.Fatal("suspended too early")
			}
			enter(w, "sanne")
			w.Advance(time.Second)
			reviewed(w)
			if got := one(w, d.ID); got.SuspendReason != delegation.Unconfirmed || w.Actor("sanne").Visiting() {
				t.Fatalf("it is %s %q", got.Status(w.Now()), got.SuspendReason)
			}
		})
	})
	t.Run("but has it from elsewhere too", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("pim", "sanne", delegation.Month)
			w.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("pim"),
					RoleID: tenancy.Superuser, Source: tenancy.Rule, SourceID: "cnr_1"}, "Pim")
			})
			no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("pim"), []string{tenancy.Member}))
			if got := one(w, d.ID); got.Question != "" {
				t.Errorf("it asks %q", got.Question)
			}
		})
	})
	t.Run("by the closing of his account", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("pim", "sanne", delegation.Month)
			deactivate(w, "pim")
			if got := one(w, d.ID); got.Question != delegation.GranterGone {
				t.Errorf("it asks %q", got.Question)
			}
		})
	})
}

// desert takes the role of superuser from everyone at Zonneveld, past the rule
// that one stays.
func desert(w *modelstest.World) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		var grants []tenancy.Grant
		if err := tx.Where("organization_id = ? AND role_id = ?", w.Zonneveld.Organization, tenancy.Superuser).Order("created_at, id").Find(&grants).Error; err != nil {
			return err
		}
		for _, g := range grants {
			if err := tenancy.Take(tx, g, "somebody"); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestEdge25TheLastSuperuserLeaves(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		month, endless := w.Delegate("karin", "sanne", delegation.Month), w.Delegate("karin", "thomas", delegation.NoEnd)
		desert(w)
		read := func(id string) (d delegation.Delegation) {
			w.System(func(tx *store.Tx) error { return tx.Where("id = ?", id).Take(&d).Error })
			return d
		}
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "ria@elsewhere.example", Period: delegation.Week})
		if err == nil {
			t.Fatal("somebody still gives delegations")
		}
		w.Advance(15 * day) // no question is open that nobody can answer
		if n := reviewed(w); n != 0 || read(month.ID).SuspendedAt != nil || !read(month.ID).Active(w.Now()) {
			t.Fatalf("one with an end does not run out: %d mails", n)
		}
		until(w, endless.StartsAt.Add(76*day))
		reviewed(w)
		due := endless.StartsAt.Add(90 * day)
		if got := read(endless.ID); got.EndsAt == nil || !got.EndsAt.Equal(due) || got.SuspendedAt != nil {
			t.Fatalf("one without an end ends %v", got.EndsAt)
		}
		until(w, due.Add(-time.Hour))
		enter(w, "thomas")
		until(w, due)
		if w.Actor("thomas").Visiting() { // whatever the sweep does
			t.Fatal("it outlives its review")
		}
		no(t, w.Delegations.Expire(w.Ctx))
		if v := visits(w)[0]; v.LeaveReason != delegation.ByExpiry || w.Count(w.Zonneveld, event.DelegationExpired) != 2 {
			t.Errorf("the visit ended by %q", v.LeaveReason)
		}
	})
}

func TestEdge25AQuestionThatNobodyIsLeftToAnswer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		month, endless := w.Delegate("pim", "sanne", delegation.Month), w.Delegate("karin", "thomas", delegation.NoEnd)
		w.Advance(76 * day)
		reviewed(w) // the review of the endless one is asked
		awake(w, "karin", "marieke")
		later := w.Delegate("karin", "marieke", delegation.ThreeMonths)
		w.System(func(tx *store.Tx) error { // and the other question of this one
			return tx.Model(&delegation.Delegation{}).Where("id IN ?", []string{month.ID, later.ID}).
				Updates(map[string]any{"question": delegation.GranterGone, "answer_by": models.At(tx.Now().Add(14 * day))}).Error
		})
		desert(w)
		w.Advance(14 * day)
		reviewed(w)
		w.System(func(tx *store.Tx) error {
			var d delegation.Delegation
			if err := tx.Where("id = ?", endless.ID).Take(&d).Error; err != nil || d.SuspendedAt != nil || d.EndsAt == nil || !d.EndsAt.Equal(endless.StartsAt.Add(90*day)) {
				t.Errorf("one without an end: %v, ends %v", err, d.EndsAt)
			}
			var one delegation.Delegation
			if err := tx.Where("id = ?", later.ID).Take(&one).Error; err != nil || one.SuspendedAt != nil || one.Question != "" || !one.Active(tx.Now()) {
				t.Errorf("one with an end: %v, %s", err, one.Status(tx.Now()))
			}
			return nil
		})
	})
}
