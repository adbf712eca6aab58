package delegation_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

var muted = delegation.Watch{Mode: tenancy.Muted, Days: 7}

// mode chooses without a mute.
func mode(m tenancy.Notify) delegation.Watch { return delegation.Watch{Mode: m} }

func watch(w *modelstest.World, who string, d delegation.Delegation, in delegation.Watch) error {
	return w.Delegations.Watch(w.Ctx, w.Actor(who), d.ID, in)
}

// gone are the mails of a kind to one person.
func gone(w *modelstest.World, who string, kind mail.Kind) (list []mail.Mail) {
	w.T.Helper()
	for _, m := range w.Mails(kind) {
		if m.AccountID == w.ID(who) {
			list = append(list, m)
		}
	}
	return list
}

// inbox are the kinds in somebody's inbox, newest first.
func inbox(w *modelstest.World, who string) (kinds []mail.Kind) {
	w.T.Helper()
	c, err := w.Inbox.List(w.Ctx, w.Actor(who), notice.Filter{}, models.Page{Number: 1, Size: 500})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range c.Entries {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// stay enters and leaves again, an hour later.
func stay(w *modelstest.World, who string, at models.Party) {
	w.T.Helper()
	w.Switch(who, at)
	w.Advance(time.Hour)
	_, err := w.Sessions.Leave(w.Ctx, w.Actor(who))
	if err != nil {
		w.T.Fatal(err)
	}
}

// settled is a delegation of Zonneveld to sanne, who was there once.
func settled(w *modelstest.World) delegation.Delegation {
	w.T.Helper()
	d := w.Delegate("karin", "sanne", delegation.Month)
	stay(w, "sanne", w.Zonneveld)
	return d
}

func TestEachModeGetsItsMailsAndTheInboxGetsEverything(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		for _, c := range []struct {
			in            delegation.Watch
			entered, left int
		}{
			{mode(tenancy.AtOnce), 1, 1}, {mode(tenancy.PerVisit), 0, 1}, {mode(tenancy.Digest), 0, 0}, {muted, 0, 0}, {mode(""), 1, 1},
		} {
			w.Advance(20 * time.Minute)
			no(t, watch(w, "pim", d, c.in))
			entered, left, told := len(gone(w, "pim", mail.EnteredKind)), len(gone(w, "pim", mail.LeftKind)), len(inbox(w, "pim"))
			stay(w, "sanne", w.Zonneveld)
			if n := len(gone(w, "pim", mail.EnteredKind)) - entered; n != c.entered {
				t.Errorf("%s: %d mails of entering", c.in.Mode, n)
			}
			if n := len(gone(w, "pim", mail.LeftKind)) - left; n != c.left {
				t.Errorf("%s: %d mails of leaving", c.in.Mode, n)
			}
			if n := len(inbox(w, "pim")) - told; n != 2 {
				t.Errorf("%s: %d things in the inbox", c.in.Mode, n)
			}
		}
		if n := len(gone(w, "karin", mail.EnteredKind)); n != 6 || len(gone(w, "karin", mail.LeftKind)) != 6 {
			t.Errorf("karin, who chose nothing, got %d", n)
		}
	})
}

// TestTheMailOfAVisitOpensItsThread: by visit and after a mute there is no mail
// of entering that the one of leaving could answer.
func TestTheMailOfAVisitOpensItsThread(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, mode(tenancy.PerVisit)))
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		left := gone(w, "pim", mail.LeftKind)
		if last := left[len(left)-1]; last.InReplyTo != "" || last.MessageID == "" {
			t.Errorf("it answers %q, which was never sent", last.InReplyTo)
		}
		if first, opened := left[0], gone(w, "pim", mail.EnteredKind); first.InReplyTo != opened[0].MessageID {
			t.Errorf("the first visit's mails do not thread: %q", first.InReplyTo)
		}
	})
}

func TestWhoGotTheMailOfEnteringGetsThatOfLeavingWhateverHeChoseMeanwhile(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		w.Advance(time.Minute)
		w.Switch("sanne", w.Zonneveld)
		no(t, watch(w, "pim", d, muted))
		_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
		no(t, err)
		if entered, left := len(gone(w, "pim", mail.EnteredKind)), len(gone(w, "pim", mail.LeftKind)); entered != 2 || left != 2 {
			t.Errorf("%d entered, %d left", entered, left)
		}
	})
}

func TestNeverMuted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Month)
		no(t, watch(w, "pim", d, delegation.Watch{Mode: tenancy.Muted, Days: 30}))
		stay(w, "sanne", w.Zonneveld)
		if len(gone(w, "pim", mail.EnteredKind)) != 1 || len(gone(w, "pim", mail.LeftKind)) != 1 {
			t.Error("the first entry was muted")
		}
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		if len(gone(w, "pim", mail.EnteredKind)) != 1 {
			t.Error("the second entry was not muted")
		}
		w.Advance(time.Minute)
		phone := w.SignIn("sanne")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Session{}).Where("account_id = ? AND visit_id = ''", w.ID("sanne")).Update("user_agent", "Mozilla/5.0 (iPhone) Safari/600").Error
		})
		_, err := w.Sessions.Switch(w.Ctx, w.ActorOf(phone), w.Zonneveld.Organization)
		no(t, err)
		if mails := gone(w, "pim", mail.EnteredKind); len(mails) != 2 {
			t.Error("a new device was muted")
		} else if content, err := mails[1].Content(); err != nil || !content.(mail.Entered).Strange {
			t.Errorf("it is not said that the device is new: %v %+v", err, content)
		}
		_, err = w.Sessions.Leave(w.Ctx, w.ActorOf(phone))
		no(t, err)
		details, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
		no(t, err)
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, details.Version, delegation.ThreeMonths, ""))
		no(t, w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID))
		if len(gone(w, "pim", mail.ExtendedKind)) != 1 || len(gone(w, "pim", mail.RevokedKind)) != 1 {
			t.Error("extended or revoked was muted")
		}
	})
}

func TestTheFirstEntryAfterThirtySilentDaysIsNeverMuted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.ThreeMonths)
		stay(w, "sanne", w.Zonneveld)
		w.Advance(25 * 24 * time.Hour)
		for _, who := range []string{"karin", "pim", "sanne"} {
			w.NewSession(who)
		}
		no(t, watch(w, "pim", d, muted))
		w.Advance(5*24*time.Hour - 2*time.Hour)
		w.NewSession("sanne")
		w.Switch("sanne", w.Zonneveld)
		if n := len(gone(w, "pim", mail.EnteredKind)); n != 1 {
			t.Fatalf("after less than 30 days: %d", n)
		}
		_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
		no(t, err)
		w.Advance(30 * 24 * time.Hour)
		w.NewSession("sanne")
		w.NewSession("pim")
		no(t, watch(w, "pim", d, muted))
		w.Switch("sanne", w.Zonneveld)
		mails := gone(w, "pim", mail.EnteredKind)
		if len(mails) != 2 {
			t.Fatalf("after 30 days: %d", len(mails))
		}
		if content, err := mails[1].Content(); err != nil || !content.(mail.Entered).Silent {
			t.Errorf("%v %+v", err, content)
		}
	})
}

func TestAMuteLastsThirtyDaysAtMostAndNeverPastTheEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		w.Wants(watch(w, "pim", d, delegation.Watch{Mode: tenancy.Muted, Days: 31}), models.Invalid, "notice.error.days")
		w.Wants(watch(w, "pim", d, delegation.Watch{Mode: tenancy.Muted}), models.Invalid, "notice.error.days")
		w.Wants(watch(w, "pim", d, mode("loudly")), models.Invalid, "error.choice")
		no(t, watch(w, "pim", d, delegation.Watch{Mode: tenancy.Muted, Days: 30}))
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("pim"), d.ID)
		no(t, err)
		if h.Mine == nil || h.Mine.Watch.MutedUntil == nil || !h.Mine.Watch.MutedUntil.Equal(d.EndsAt.Time) || h.Muted() != 1 || len(h.Watchers) != 2 {
			t.Errorf("%+v", h)
		}
		endless := w.Delegate("karin", "thomas", delegation.NoEnd)
		w.Wants(watch(w, "pim", endless, muted), models.Invalid, "notice.error.endless")
		no(t, watch(w, "pim", endless, mode(tenancy.Digest)))
	})
}

func TestAMuteThatIsOverFallsBackToAtOnceWithAMailThatSaysSo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, delegation.Watch{Mode: tenancy.Muted, Days: 1}))
		if n := len(gone(w, "karin", mail.WatchChangedKind)); n != 1 || len(gone(w, "pim", mail.WatchChangedKind)) != 0 {
			t.Errorf("karin was told %d times that pim muted it", n)
		}
		no(t, w.Delegations.EndMutes(w.Ctx))
		if len(w.Mails(mail.MuteEndedKind)) != 0 {
			t.Fatal("it ended before its time")
		}
		w.Advance(24 * time.Hour)
		w.NewSession("sanne")
		w.Switch("sanne", w.Zonneveld) // no sweep came by
		if n := len(gone(w, "pim", mail.EnteredKind)); n != 2 {
			t.Errorf("a mute that is over mutes: %d mails", n)
		}
		no(t, w.Delegations.EndMutes(w.Ctx))
		no(t, w.Delegations.EndMutes(w.Ctx))
		if mails := w.Mails(mail.MuteEndedKind); len(mails) != 1 || mails[0].AccountID != w.ID("pim") {
			t.Errorf("%d mails that it is over", len(mails))
		}
		w.NewSession("karin")
		if n := len(gone(w, "karin", mail.WatchChangedKind)); n != 1 || !slices.Contains(inbox(w, "karin")[:2], mail.WatchChangedKind) {
			t.Errorf("karin has it in the inbox alone: %d mails, %v", n, inbox(w, "karin"))
		}
		if w.Count(w.Zonneveld, event.DelegationWatchReset) != 1 {
			t.Error("it is not recorded once")
		}
	})
}

func TestADelegationThatLosesItsEndIsMutedByNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, muted))
		details, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
		no(t, err)
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, details.Version, delegation.NoEnd, ""))
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("pim"), d.ID)
		no(t, err)
		if h.MayMute || h.Mine.Mode != tenancy.Digest || len(gone(w, "pim", mail.MuteEndedKind)) != 1 {
			t.Errorf("%+v", h.Mine)
		}
	})
}

func TestTheLastOneWhoHearsCannotMute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "karin", d, muted))
		for _, in := range []delegation.Watch{muted, mode(tenancy.PerVisit)} {
			w.Wants(watch(w, "pim", d, in), models.Conflict, "notice.error.floor")
		}
		w.Wants(w.Delegations.SetWatchDefault(w.Ctx, w.Actor("pim"), tenancy.PerVisit), models.Conflict, "notice.error.floor")
		no(t, watch(w, "pim", d, mode(tenancy.Digest)))
		no(t, w.Delegations.SetWatchDefault(w.Ctx, w.Actor("pim"), tenancy.PerVisit))
		no(t, watch(w, "karin", d, mode("")))
		no(t, watch(w, "pim", d, muted))
	})
}

func TestEdge12AVisitorAndAMemberCannotMute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		w.Switch("sanne", w.Zonneveld)
		for _, who := range []string{"sanne", "ria"} {
			w.Wants(watch(w, who, d, muted), models.Forbidden, "error.forbidden")
			w.Wants(w.Delegations.SetWatchDefault(w.Ctx, w.Actor(who), tenancy.Digest), models.Forbidden, "error.forbidden")
		}
		// A superuser of another organization does not find it.
		w.Wants(watch(w, "marieke", d, muted), models.NotFound, "")
	})
}

// TestEdge14WhoLosesTheRoleIsNoWatcher: the others hear at once of what only he
// heard, and he has no inbox there any more.
func TestEdge14WhoLosesTheRoleIsNoWatcher(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, muted))
		if len(inbox(w, "karin")) == 0 {
			t.Fatal("karin has no inbox")
		}
		no(t, w.Members.SetRoles(w.Ctx, w.Actor("pim"), w.ID("karin"), []string{tenancy.Member}))
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("pim"), d.ID)
		no(t, err)
		if len(h.Watchers) != 1 || h.Mine.Watch.Mode != tenancy.AtOnce {
			t.Errorf("%+v", h.Watchers)
		}
		if mails := gone(w, "pim", mail.UnwatchedKind); len(mails) != 1 {
			t.Errorf("pim was told %d times", len(mails))
		}
		if w.Count(w.Zonneveld, event.DelegationWatchReset) != 1 || len(inbox(w, "karin")) != 0 {
			t.Errorf("recorded %d times; karin reads %v", w.Count(w.Zonneveld, event.DelegationWatchReset), inbox(w, "karin"))
		}
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		if len(gone(w, "pim", mail.EnteredKind)) != 2 {
			t.Error("pim does not hear of it")
		}
	})
}

// TestEdge15OffboardedSuperusersAreNoWatchers: his company removes him.
func TestEdge15OffboardedSuperusersAreNoWatchers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("marieke", "sanne", delegation.Month)
		no(t, watch(w, "marieke", d, muted))
		no(t, w.Companies.Offboard(w.Ctx, w.Actor("marieke"), w.ID("jan")))
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("marieke"), d.ID)
		no(t, err)
		if len(h.Watchers) != 1 || h.Mine.Watch.Mode != tenancy.AtOnce || len(gone(w, "marieke", mail.UnwatchedKind)) != 1 {
			t.Errorf("%+v", h.Watchers)
		}
	})
}

func TestWhoseAddressBouncesIsNoWatcherUntilMailReachesHim(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, muted))
		for range 2 {
			no(t, w.Accounts.Bounced(w.Ctx, w.ID("karin"), "karin@zonneveld.example", "550 5.1.1"))
		}
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("pim"), d.ID)
		no(t, err)
		if h.Mine.Watch.Mode != tenancy.AtOnce {
			t.Errorf("pim still mutes: %+v", h.Mine)
		}
		mails := gone(w, "pim", mail.UnwatchedKind)
		if len(mails) != 1 || len(gone(w, "karin", mail.UnwatchedKind)) != 0 || inbox(w, "pim")[0] != mail.UnwatchedKind {
			t.Fatalf("%d mails, inbox %v", len(mails), inbox(w, "pim"))
		}
		content, err := mails[0].Content()
		if told := content.(mail.Unwatched); err != nil || told.Why != "bounced" || len(told.Names) != 1 {
			t.Errorf("%v %+v", err, content)
		}
		w.Wants(watch(w, "pim", d, muted), models.Conflict, "notice.error.floor")
		bell, err := w.Inbox.Bell(w.Ctx, w.Actor("karin"))
		no(t, err)
		if bell.Bounced != "karin@zonneveld.example" {
			t.Errorf("karin is not told: %+v", bell)
		}
		no(t, w.Accounts.Reached(w.Ctx, w.ID("karin"), "karin@zonneveld.example"))
		if bell, err = w.Inbox.Bell(w.Ctx, w.Actor("karin")); err != nil || bell.Bounced != "" {
			t.Errorf("%v %+v", err, bell)
		}
		no(t, watch(w, "pim", d, muted))
	})
}

// TestWhatLeavesNobodyWithoutAnEventIsFoundBySweep: and meanwhile everybody hears.
func TestWhatLeavesNobodyWithoutAnEventIsFoundBySweep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, muted))
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("deactivated_at", models.At(w.Now())).Error
		})
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		if len(gone(w, "pim", mail.EnteredKind)) != 2 {
			t.Error("nobody heard of it")
		}
		no(t, w.Delegations.GuardWatches(w.Ctx))
		no(t, w.Delegations.GuardWatches(w.Ctx))
		h, err := w.Delegations.Hearing(w.Ctx, w.Actor("pim"), d.ID)
		no(t, err)
		if h.Mine.Watch.Mode != tenancy.AtOnce || len(gone(w, "pim", mail.UnwatchedKind)) != 1 {
			t.Errorf("%+v", h.Mine)
		}
	})
}

// TestTheWatcherFloorHoldsWhenEverybodyMutesAtOnce lets superusers mute, choose
// and lose their role at the same moment.
func TestTheWatcherFloorHoldsWhenEverybodyMutesAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Join("gijs", "Gijs Zonneveld", "gijs@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		d := settled(w)
		people := []string{"karin", "pim", "gijs"}
		tokens := map[string]string{}
		for _, who := range people {
			tokens[who] = w.Token(who)
		}
		refused := 0
		for round := range 6 {
			var all sync.WaitGroup
			var mu sync.Mutex
			try := func(do func() error) {
				all.Go(func() {
					if err := do(); err != nil {
						mu.Lock()
						defer mu.Unlock()
						if refused++; models.KindOf(err) != models.Conflict && models.KindOf(err) != models.Forbidden {
							t.Error(err)
						}
					}
				})
			}
			for _, who := range people {
				actor := w.ActorOf(tokens[who])
				try(func() error { return w.Delegations.Watch(w.Ctx, actor, d.ID, muted) })
				try(func() error { return w.Delegations.SetWatchDefault(w.Ctx, actor, tenancy.PerVisit) })
			}
			if round%2 == 1 { // karin makes a member of gijs meanwhile
				actor := w.ActorOf(tokens["karin"])
				try(func() error { return w.Members.SetRoles(w.Ctx, actor, w.ID("gijs"), []string{tenancy.Member}) })
			}
			all.Wait()
			w.System(func(tx *store.Tx) error {
				_, guarded, err := notice.Hearing(tx, d.CompanyID, d.OrganizationID, d.ID, false)
				if err == nil && !guarded {
					t.Errorf("round %d: nobody hears of it", round)
				}
				return err
			})
			for _, who := range people {
				if err := watch(w, who, d, mode(tenancy.AtOnce)); err != nil && models.KindOf(err) != models.Forbidden {
					t.Error(err)
				}
			}
			if round%2 == 1 {
				no(t, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("gijs"), []string{tenancy.Superuser}))
			}
		}
		if refused < 6 {
			t.Errorf("only %d were refused: nobody tried to break it", refused)
		}
	})
}

func TestTheDigestIsDailyAtItsHourAndNeverEmpty(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w) // 11:00 in Amsterdam, until 12:00
		no(t, watch(w, "pim", d, mode(tenancy.Digest)))
		send := func() []mail.Mail {
			t.Helper()
			no(t, w.Digests.Send(w.Ctx))
			no(t, w.Digests.Send(w.Ctx)) // a second sweep adds nothing
			return w.Mails(mail.DigestKind)
		}
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		if n := len(send()); n != 0 {
			t.Fatalf("%d digests before the hour", n)
		}
		w.Advance(5 * time.Hour) // 18:01
		mails := send()
		if len(mails) != 1 || mails[0].AccountID != w.ID("pim") || mails[0].OrganizationID != w.Zonneveld.Organization {
			t.Fatalf("%d digests", len(mails))
		}
		content, err := mails[0].Content()
		no(t, err)
		if of := content.(mail.Digest).Of; len(of) != 1 || len(of[0].Lines) != 1 || of[0].Lines[0].Kind != mail.LeftKind || of[0].GivenBy != "Karin Schouten" {
			t.Errorf("a visit is not one line: %+v", of)
		}
		w.Advance(24 * time.Hour)
		if n := len(send()); n != 1 {
			t.Fatalf("an empty digest went out: %d", n)
		}
		w.NewSession("sanne")
		w.Switch("sanne", w.Zonneveld) // 18:01: for tomorrow
		w.Advance(2 * 24 * time.Hour)  // the sweep was down for a day
		if n := len(send()); n != 2 {
			t.Fatalf("%d digests after a sweep that was late", n)
		}
	})
}

func TestTheDigestIsOneForEachOrganizationAndNamesNoOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, AccountID: w.ID("pim"),
				RoleID: tenancy.Superuser, Source: tenancy.Manual}, "Pim Zonneveld")
		})
		settled(w)
		w.Delegate("marieke", "sanne", delegation.Month)
		stay(w, "sanne", w.Production)
		w.System(func(tx *store.Tx) error {
			for _, at := range []models.Party{w.Zonneveld, w.Production} {
				if err := tx.Create(&notice.Watch{CompanyID: at.Company, OrganizationID: at.Organization, AccountID: w.ID("pim"), Mode: tenancy.Digest, ChangedAt: models.At(w.Now())}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		stay(w, "sanne", w.Production)
		w.Advance(time.Minute)
		stay(w, "sanne", w.Zonneveld)
		w.Advance(9 * time.Hour)
		no(t, w.Digests.Send(w.Ctx))
		mails := w.Mails(mail.DigestKind)
		if len(mails) != 2 || mails[0].OrganizationID == mails[1].OrganizationID {
			t.Fatalf("%d digests", len(mails))
		}
		for _, m := range mails {
			content, err := m.Content()
			no(t, err)
			if of := content.(mail.Digest); of.Host.ID != m.OrganizationID || len(of.Of) != 1 || of.Of[0].Host.ID != m.OrganizationID {
				t.Errorf("%s: %+v", m.OrganizationID, of)
			}
		}
	})
}

func TestTheInboxIsOnesOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		settled(w)
		c, err := w.Inbox.List(w.Ctx, w.Actor("karin"), notice.Filter{Unread: true}, models.Of(1))
		no(t, err)
		if c.Unread == 0 || c.Found != c.Unread || len(c.Entries) != c.Found || c.Entries[0].Host.Organization != w.Zonneveld.Organization {
			t.Fatalf("%+v", c)
		}
		// What karin did herself stands there too, as read.
		all := inbox(w, "karin")
		if !slices.Contains(all, mail.GrantedKind) || len(all) != c.Unread+1 {
			t.Errorf("%v, %d unread", all, c.Unread)
		}
		_, err = w.Inbox.Read(w.Ctx, w.Actor("pim"), c.Entries[0].ID)
		w.Wants(err, models.NotFound, "")
		_, err = w.Inbox.Read(w.Ctx, w.Actor("ria"), c.Entries[0].ID)
		w.Wants(err, models.NotFound, "")
		_, err = w.Inbox.Read(w.Ctx, w.Actor("karin"), c.Entries[0].ID)
		no(t, err)
		if bell, err := w.Inbox.Bell(w.Ctx, w.Actor("karin")); err != nil || bell.Unread != c.Unread-1 || !bell.Has {
			t.Errorf("%v %+v", err, bell)
		}
		until := w.Now()
		w.Advance(time.Minute)
		w.Switch("sanne", w.Zonneveld)
		no(t, w.Inbox.ReadAll(w.Ctx, w.Actor("karin"), until))
		if bell, err := w.Inbox.Bell(w.Ctx, w.Actor("karin")); err != nil || bell.Unread != 1 {
			t.Errorf("what came meanwhile is read: %v %+v", err, bell)
		}
		if bell, err := w.Inbox.Bell(w.Ctx, w.Actor("ria")); err != nil || bell.Has {
			t.Errorf("a member has an inbox: %v %+v", err, bell)
		}
	})
}
