package access_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
)

// bustle is many people who do everything at once.
type bustle struct {
	*modelstest.World
	hosts   []host
	mu      sync.Mutex
	tokens  map[string][]string // two sessions each, by consultant
	done    map[string]int      // what succeeded, by name
	faults  []error
	version map[string]int64
}

type host struct {
	models.Party
	superusers []string // tokens
}

var consultants = []string{"sanne", "thomas"}

// TestEverythingAtOnceKeepsTheRecordStraight lets people enter, leave, work,
// revoke, extend, give back, expire and sign out at the same time, and looks
// at what was written down.
func TestEverythingAtOnceKeepsTheRecordStraight(t *testing.T) {
	b := newBustle(modelstest.New(t, "postgres"))
	const people, steps = 6, 70
	var all sync.WaitGroup
	for n := range people {
		chance := rand.New(rand.NewPCG(2026, uint64(n)))
		all.Go(func() {
			for range steps {
				b.step(chance)
			}
		})
	}
	all.Wait()
	for _, err := range b.faults {
		t.Error(err)
	}
	for _, name := range []string{"switch", "leave", "work", "revoke", "extend", "grant", "give back", "sign out"} {
		if b.done[name] == 0 {
			t.Errorf("nobody managed to %s: %v", name, b.done)
		}
	}
	b.ok(b.Delegations.Expire(b.Ctx))
	b.ok(b.Delegations.EndIdle(b.Ctx))
	b.checkVisits()
}

func newBustle(w *modelstest.World) *bustle {
	b := &bustle{World: w, tokens: map[string][]string{}, done: map[string]int{}, version: map[string]int64{}}
	b.hosts = []host{{w.Zonneveld, []string{w.Token("karin"), w.Token("pim")}}, {w.Production, []string{w.Token("marieke"), w.Token("jan")}}}
	for _, who := range consultants {
		b.tokens[who] = []string{w.SignIn(who), w.SignIn(who)}
		for _, by := range []string{"karin", "marieke"} {
			w.Delegate(by, who, delegation.FourHours)
		}
	}
	return b
}

func (b *bustle) ok(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// note counts a success, and keeps an error that is a fault and no answer.
func (b *bustle) note(name string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		b.done[name]++
	case models.KindOf(err) == models.Internal:
		b.faults = append(b.faults, fmt.Errorf("%s: %w%s", name, err, where(err)))
	}
}

// where tells of a deadlock which rows the database was at.
func where(err error) string {
	if failed := (*pgconn.PgError)(nil); errors.As(err, &failed) {
		return " " + failed.Where
	}
	return ""
}

// step is one thing that one of them does.
func (b *bustle) step(chance *rand.Rand) {
	b.Advance(time.Duration(chance.IntN(90)) * time.Second)
	who, at := consultants[chance.IntN(2)], b.hosts[chance.IntN(2)]
	token := b.token(who, chance.IntN(2))
	by, err := b.Sessions.Fresh(b.Ctx, token)
	if err != nil || by.Anonymous() {
		b.note("look", err)
		return
	}
	boss, err := b.Sessions.Fresh(b.Ctx, at.superusers[chance.IntN(2)])
	b.note("look", err)
	switch chance.IntN(14) {
	case 0, 1, 2:
		_, err := b.Sessions.Switch(b.Ctx, by, at.Organization)
		b.note("switch", err)
	case 3:
		_, err := b.Sessions.Switch(b.Ctx, by, b.Kade.Organization)
		b.note("go home", err)
	case 4:
		_, err := b.Sessions.Leave(b.Ctx, by)
		b.note("leave", err)
	case 5, 6, 7:
		b.note("work", b.Store.Write(b.Ctx, by, models.ViewMembers, func(tx *store.Tx) error {
			tx.Record("test.worked", store.About{})
			return nil
		}))
	case 8:
		b.Sessions.Seen(b.Ctx, by)
		b.note("settle", b.Sessions.Settle(b.Ctx, by))
	case 9:
		b.changeOne(boss, who, chance)
	case 10:
		b.grant(boss, by)
	case 11:
		if by.Visiting() {
			b.note("give back", b.Delegations.GiveBack(b.Ctx, by, by.Delegation))
		}
	case 12:
		b.note("expire", b.Delegations.Expire(b.Ctx))
		b.note("end idle", b.Delegations.EndIdle(b.Ctx))
	case 13:
		b.signOut(who, by, chance.IntN(2), chance.IntN(2) == 0)
	}
}

func (b *bustle) token(who string, n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tokens[who][n]
}

// changeOne revokes or extends one of a consultant's delegations.
func (b *bustle) changeOne(boss models.Actor, who string, chance *rand.Rand) {
	list, err := b.Delegations.List(b.Ctx, boss)
	b.note("list", err)
	for _, d := range list {
		if d.AccountID != b.ID(who) || d.Over(b.Now()) {
			continue
		}
		if chance.IntN(2) == 0 {
			b.note("revoke", b.Delegations.Revoke(b.Ctx, boss, d.ID))
		} else {
			b.note("extend", b.Delegations.Extend(b.Ctx, boss, d.ID, d.Version, delegation.FourHours, ""))
		}
		return
	}
}

func (b *bustle) grant(boss, to models.Actor) {
	d, err := b.Delegations.Grant(b.Ctx, boss, delegation.Proposal{Email: to.Email, Period: delegation.FourHours})
	b.note("grant", err)
	if err == nil {
		b.note("accept", b.Delegations.Accept(b.Ctx, to, d.ID))
	}
}

// signOut ends one of a person's sessions and signs him in again, or does both
// at once by signing in over it.
func (b *bustle) signOut(who string, by models.Actor, n int, over bool) {
	other, err := b.Sessions.Fresh(b.Ctx, b.token(who, n))
	b.note("look", err)
	if err != nil || other.Anonymous() {
		return
	}
	instead := ""
	switch {
	case over: // in the same browser
		instead = other.Session
	case other.Session == by.Session:
		b.note("sign out", b.Sessions.SignOut(b.Ctx, by))
	default:
		b.note("sign out", b.Sessions.Revoke(b.Ctx, by, other.Session))
	}
	token, err := b.Sessions.Open(b.Ctx, access.Opening{Account: by.Account, Method: "code", Instead: instead})
	b.note("sign in", err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens[who][n] = token
}

// checkVisits: each was closed once at most, told of as often as it began and
// ended, and nothing happened in it before or after.
func (b *bustle) checkVisits() {
	b.T.Helper()
	var visits []delegation.Visit
	delegations := map[string]delegation.Delegation{}
	moments := map[string]map[string][]int64{} // visit -> type -> positions
	b.System(func(tx *store.Tx) error {
		var rows []delegation.Delegation
		var events []store.Event
		if err := cmp.Or(tx.Find(&visits).Error, tx.Find(&rows).Error, tx.Where("visit_id <> ''").Order("position").Find(&events).Error); err != nil {
			return err
		}
		for _, d := range rows {
			delegations[d.ID] = d
		}
		for _, e := range events {
			if moments[e.VisitID] == nil {
				moments[e.VisitID] = map[string][]int64{}
			}
			if e.OrganizationID == e.EffectiveOrganizationID {
				moments[e.VisitID][e.Type] = append(moments[e.VisitID][e.Type], e.Position)
			}
		}
		return nil
	})
	mails := map[string]int{}
	for _, m := range b.Mails(mail.EnteredKind, mail.LeftKind) {
		part := strings.Split(m.Key, ".") // visit.entered.ID.person
		mails[part[1]+" "+part[2]]++
	}
	open := map[string]int{}
	for _, v := range visits {
		at, d := moments[v.ID], delegations[v.DelegationID]
		entered, left := at[event.VisitEntered], at[event.VisitLeft]
		ends := 0
		if v.LeftAt != nil {
			ends = 1
		} else {
			open[v.SessionID]++
			if !d.Active(b.Now()) {
				b.T.Errorf("%s is open under a delegation that is %s", v.ID, d.Status(b.Now()))
			}
		}
		if len(entered) != 1 || len(left) != ends || mails["entered "+v.ID] != 2 || mails["left "+v.ID] != 2*ends {
			b.T.Errorf("%s: entered %d, left %d of %d, mails %d and %d", v.ID, len(entered), len(left), ends, mails["entered "+v.ID], mails["left "+v.ID])
		}
		for _, worked := range at["test.worked"] {
			if worked < entered[0] || len(left) > 0 && worked > left[0] {
				b.T.Errorf("%s: worked at %d, entered %v, left %v", v.ID, worked, entered, left)
			}
		}
	}
	for session, n := range open {
		if n > 1 {
			b.T.Errorf("%s has %d open visits", session, n)
		}
	}
	b.T.Logf("%d visits; %v", len(visits), b.done)
}
