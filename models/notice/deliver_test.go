package notice_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/tenancy"
)

var (
	now  = modelstest.Start
	soon = models.At(now.Add(time.Hour))
	past = models.At(now.Add(-time.Second))
)

func chose(mode tenancy.Notify) notice.Watch {
	w := notice.Watch{Mode: mode}
	if mode == tenancy.Muted {
		w.MutedUntil = &soon
	}
	return w
}

// TestDeliveryOfTheSpecification is the section 'Notifications' as a table: what
// each mode does with an ordinary visit, and what none can mute.
func TestDeliveryOfTheSpecification(t *testing.T) {
	const (
		atOnce, perVisit, digest, muted = tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest, tenancy.Muted
		mailed, visit, daily, app       = "mail", "visit", "digest", "app"
	)
	for _, c := range []struct {
		what string
		kind mail.Kind
		v    notice.Visit
		want map[tenancy.Notify]string
	}{
		{"entered", mail.EnteredKind, notice.Visit{}, map[tenancy.Notify]string{atOnce: mailed, perVisit: visit, digest: daily, muted: app}},
		{"left", mail.LeftKind, notice.Visit{}, map[tenancy.Notify]string{atOnce: mailed, perVisit: mailed, digest: daily, muted: app}},
		{"answered", mail.AnsweredKind, notice.Visit{}, map[tenancy.Notify]string{atOnce: mailed, perVisit: mailed, digest: daily, muted: app}},
		{"token made in a visit", mail.TokenMadeKind, notice.Visit{}, map[tenancy.Notify]string{atOnce: mailed, perVisit: visit, digest: daily, muted: app}},
		{"first entry", mail.EnteredKind, notice.Visit{First: true}, nil},
		{"new device", mail.EnteredKind, notice.Visit{Strange: true}, nil},
		{"after 30 silent days", mail.EnteredKind, notice.Visit{Silent: true}, nil},
		{"left, and the entry was mailed", mail.LeftKind, notice.Visit{Told: true}, nil},
		{"granted", mail.GrantedKind, notice.Visit{}, nil},
		{"extended", mail.ExtendedKind, notice.Visit{}, nil},
		{"widened", "amended", notice.Visit{}, nil},
		{"revoked", mail.RevokedKind, notice.Visit{}, nil},
		{"expired", mail.ExpiredKind, notice.Visit{}, nil},
		{"suspended", mail.SuspendedKind, notice.Visit{}, nil},
		{"change of the mute", mail.WatchChangedKind, notice.Visit{}, nil},
		{"secret revealed", "secret_revealed", notice.Visit{}, nil},
		{"a kind nobody thought of", "unheard_of", notice.Visit{}, nil},
	} {
		for _, mode := range []tenancy.Notify{atOnce, perVisit, digest, muted} {
			want := mailed
			if c.want != nil {
				want = c.want[mode]
			}
			d := notice.Deliver(c.kind, chose(mode), false, c.v, now)
			got := map[notice.Delivery]string{{Mail: true, Inbox: true}: mailed, {InVisit: true, Inbox: true}: visit,
				{InDigest: true, Inbox: true}: daily, {Inbox: true}: app}[d]
			if got != want {
				t.Errorf("%s, %s: %+v, want %s", c.what, mode, d, want)
			}
		}
	}
}

func TestAMuteEndsByItselfAndADelegationWithoutEndHasTheDigestAtMost(t *testing.T) {
	over := notice.Watch{Mode: tenancy.Muted, MutedUntil: &past}
	for name, c := range map[string]struct {
		w       notice.Watch
		endless bool
		want    tenancy.Notify
	}{
		"over":         {over, false, tenancy.AtOnce},
		"over exactly": {notice.Watch{Mode: tenancy.Muted, MutedUntil: models.AtPtr(now)}, false, tenancy.AtOnce},
		"not over":     {chose(tenancy.Muted), false, tenancy.Muted},
		"without end":  {chose(tenancy.Muted), true, tenancy.Digest},
		"no time":      {notice.Watch{Mode: tenancy.Muted}, false, tenancy.AtOnce},
		"no choice":    {notice.Watch{}, false, tenancy.AtOnce},
	} {
		if got := c.w.At(now, c.endless); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestNothingIsEverLost tries deliveries at random: everything is in the inbox,
// in one way at most besides; and whoever is mailed of an entry is mailed of
// leaving.
func TestNothingIsEverLost(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 4))
	modes := []tenancy.Notify{"", tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest, tenancy.Muted}
	kinds := []mail.Kind{mail.EnteredKind, mail.LeftKind, mail.AnsweredKind, mail.GrantedKind, mail.RevokedKind, "unheard_of"}
	coin := func() bool { return chance.IntN(2) == 0 }
	choice := func() notice.Watch {
		w := notice.Watch{Mode: modes[chance.IntN(len(modes))]}
		if coin() {
			w.MutedUntil = models.AtPtr(now.Add(time.Duration(chance.IntN(7200)-3600) * time.Second))
		}
		return w
	}
	for range 20_000 {
		w, endless, v := choice(), coin(), notice.Visit{First: coin(), Strange: coin(), Silent: coin(), Told: coin()}
		kind := kinds[chance.IntN(len(kinds))]
		d := notice.Deliver(kind, w, endless, v, now)
		ways := 0
		for _, way := range []bool{d.Mail, d.InVisit, d.InDigest} {
			if way {
				ways++
			}
		}
		what := fmt.Sprintf("%s %+v %+v endless %v: %+v", kind, w, v, endless, d)
		silent := w.At(now, endless) == tenancy.Muted && (kind == mail.EnteredKind || kind == mail.LeftKind || kind == mail.AnsweredKind)
		switch {
		case !d.Inbox, ways > 1:
			t.Fatal(what)
		case ways == 0 && !silent:
			t.Fatal("lost: " + what)
		case endless && ways == 0:
			t.Fatal("muted without an end: " + what)
		}
		if kind == mail.EnteredKind && d.Mail {
			if left := notice.Deliver(mail.LeftKind, choice(), coin(), notice.Visit{Told: true}, now); !left.Mail {
				t.Fatalf("entered without left: %s", what)
			}
		}
	}
}

// TestSomebodyAlwaysHears tries every choice of three superusers: somebody whom
// mail reaches hears of it, unless it reaches nobody.
func TestSomebodyAlwaysHears(t *testing.T) {
	modes := []tenancy.Notify{"", tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest, tenancy.Muted}
	for n := range 5 * 5 * 5 * 8 * 3 {
		var people []account.Person
		var chosen []notice.Watch
		rest := n
		for i := range 3 {
			p := account.Person{Account: account.Account{ID: fmt.Sprint("acc_", i)}, Bounced: rest%2 == 1}
			rest /= 2
			people = append(people, p)
			if mode := modes[rest%5]; mode != "" {
				w := chose(mode)
				w.AccountID, w.DelegationID = p.ID, "dlg_1"
				chosen = append(chosen, w)
			}
			rest /= 5
		}
		byDefault := []tenancy.Notify{tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest}[rest%3]
		list, guarded := notice.Standing(people, chosen, byDefault, "dlg_1", false, now)
		hears, reached := false, false
		for _, w := range list {
			reached = reached || !w.Person.Bounced
			hears = hears || !w.Person.Bounced && (w.Mode == tenancy.AtOnce || w.Mode == tenancy.Digest)
		}
		if reached && !hears {
			t.Fatalf("nobody hears: %+v", list)
		}
		if guarded && !hears {
			t.Fatalf("it is said that somebody hears: %+v", list)
		}
	}
}

func TestAnOwnDefaultStandsBehindAChoiceAndTheOrganizationsBehindBoth(t *testing.T) {
	anna := account.Person{Account: account.Account{ID: "acc_a"}}
	bert := account.Person{Account: account.Account{ID: "acc_b"}}
	chosen := []notice.Watch{
		{AccountID: "acc_a", DelegationID: "dlg_1", Mode: tenancy.PerVisit},
		{AccountID: "acc_a", Mode: tenancy.Digest},
		{AccountID: "acc_a", DelegationID: "dlg_9", Mode: tenancy.AtOnce},
	}
	for delegation, want := range map[string]tenancy.Notify{"dlg_1": tenancy.PerVisit, "dlg_2": tenancy.Digest, "dlg_9": tenancy.AtOnce} {
		list, _ := notice.Standing([]account.Person{anna, bert}, chosen, tenancy.AtOnce, delegation, false, now)
		if list[0].Mode != want || list[1].Mode != tenancy.AtOnce || !list[1].Default {
			t.Errorf("%s: %+v", delegation, list)
		}
	}
	// Where all would hear by visit, the first of those without a choice hears at once.
	list, guarded := notice.Standing([]account.Person{anna, bert}, nil, tenancy.PerVisit, "dlg_1", false, now)
	if !guarded || list[0].Mode != tenancy.AtOnce || list[1].Mode != tenancy.PerVisit {
		t.Errorf("by visit: %+v", list)
	}
}
