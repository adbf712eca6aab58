package delegation_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// seed makes a run again: go test -run AtRandom -seed N.
var seed = flag.Uint64("seed", 0, "of the random tests; 0 takes the time")

func seedOf(t *testing.T) uint64 {
	t.Helper()
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", n)
	return n
}

// acted is the type of the event that somebody leaves who does something.
const acted = "test.acted"

// crowd is people who do everything at once: two hosts with two superusers each,
// of which one wants approval, and consultants with two browsers each.
type crowd struct {
	*modelstest.World
	hosts   []models.Party
	bosses  map[string][]string // tokens, by organization
	mu      sync.Mutex
	tokens  map[string][]string     // by consultant
	program map[string]models.Actor // of a consultant, by a token that he made at home
	done    map[string]int          // what succeeded
	refused map[string]int
	faults  []error
}

var consultants = []string{"sanne", "thomas"}

func newCrowd(w *modelstest.World) *crowd {
	c := &crowd{World: w, hosts: []models.Party{w.Zonneveld, w.Production}, tokens: map[string][]string{}, program: map[string]models.Actor{}, done: map[string]int{}, refused: map[string]int{}}
	c.bosses = map[string][]string{w.Zonneveld.Organization: {w.Token("karin"), w.Token("pim")}, w.Production.Organization: {w.Token("marieke"), w.Token("jan")}}
	for _, who := range consultants {
		c.tokens[who] = []string{w.SignIn(who), w.SignIn(who)}
		row, _, err := w.Sessions.MakeToken(w.Ctx, w.Actor(who), access.TokenDraft{Name: "script", Days: 30, Scopes: []string{delegation.WriteOwn}})
		c.ok(err)
		c.program[who] = models.Actor{Session: row.ID, Account: row.AccountID, Email: w.Actor(who).Email, Channel: models.API}
		for _, by := range []string{"karin", "marieke"} {
			w.Delegate(by, who, delegation.FourHours)
		}
	}
	// De Vries wants another superuser to agree to what widens from now on.
	if err := w.Members.SetHosting(w.Ctx, w.Actor("marieke"), tenancy.Hosting{Approval: true, Notify: tenancy.AtOnce}); err != nil {
		w.T.Fatal(err)
	}
	return c
}

// note counts what succeeded and what was refused; a fault is neither.
func (c *crowd) note(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.done[name]++
	case models.KindOf(err) == models.Internal:
		c.faults = append(c.faults, fmt.Errorf("%s: %w", name, err))
	default:
		c.refused[name]++
	}
}

func (c *crowd) token(who string, n int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens[who][n]
}

// step is one thing that somebody does.
func (c *crowd) step(chance *rand.Rand) {
	c.Advance(time.Duration(chance.IntN(20)) * time.Second)
	who, browser, host := consultants[chance.IntN(2)], chance.IntN(2), c.hosts[chance.IntN(2)]
	by, err := c.Sessions.Fresh(c.Ctx, c.token(who, browser))
	if err != nil {
		c.note("look", err)
		return
	}
	boss, err := c.Sessions.Fresh(c.Ctx, c.bosses[host.Organization][chance.IntN(2)])
	c.note("look", err)
	switch chance.IntN(24) {
	case 0, 1, 2:
		_, err := c.Sessions.Switch(c.Ctx, by, host.Organization)
		c.note("switch", err)
	case 3:
		_, err := c.Sessions.Leave(c.Ctx, by)
		c.note("leave", err)
	case 4, 5, 6, 7:
		c.act(by)
	case 8, 9, 10:
		c.decide(boss, who, chance)
	case 11:
		d, err := c.Delegations.Grant(c.Ctx, boss, delegation.Proposal{Email: by.Email, Period: delegation.FourHours})
		c.note("grant", err)
		if err == nil && d.Given() {
			c.note("accept", c.Delegations.Accept(c.Ctx, c.either(by, who, chance), d.ID))
			return
		}
		offers, err := c.Delegations.Offers(c.Ctx, by)
		c.note("look", err)
		for _, o := range offers {
			c.note("accept", c.Delegations.Accept(c.Ctx, c.either(by, who, chance), o.ID))
		}
	case 12:
		if by.Visiting() {
			c.note("give back", c.Delegations.GiveBack(c.Ctx, c.either(by, who, chance), by.Delegation))
		}
	case 13:
		c.note("expire", c.Delegations.Expire(c.Ctx))
		c.note("end idle", c.Delegations.EndIdle(c.Ctx))
		c.note("end mutes", c.Delegations.EndMutes(c.Ctx))
		c.note("lapse", c.Delegations.LapseProposals(c.Ctx))
		c.note("guard", c.Delegations.GuardWatches(c.Ctx))
	case 14:
		c.signOut(who, browser, by, chance.IntN(2) == 0)
	case 15:
		c.note("settle", c.Sessions.Settle(c.Ctx, by))
	case 16, 17:
		c.decideProposal(boss, by.Email, chance)
	case 18:
		c.amend(boss, by.Email, chance)
	case 19:
		c.askMore(c.either(by, who, chance), boss, chance)
	case 20:
		c.endVisit(boss)
	case 21, 22:
		c.watch(boss, who, chance)
	case 23:
		c.note("look", c.floorHolds())
	}
}

// either is a consultant in his browser, or his program.
func (c *crowd) either(by models.Actor, who string, chance *rand.Rand) models.Actor {
	if chance.IntN(2) == 0 {
		return c.program[who]
	}
	return by
}

// act does something where somebody works, when he looked before it changed too.
func (c *crowd) act(by models.Actor) {
	c.note("act", c.Store.Write(c.Ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		tx.Record(acted, store.About{})
		return nil
	}))
}

// decide revokes, extends or confirms a delegation of a consultant, or suspends
// it by making him a member for a moment.
func (c *crowd) decide(boss models.Actor, who string, chance *rand.Rand) {
	list, err := c.Delegations.List(c.Ctx, boss)
	c.note("list", err)
	for _, d := range list {
		if d.AccountID != c.ID(who) || d.Over(c.Now()) {
			continue
		}
		switch n := chance.IntN(8); {
		case d.SuspendedAt != nil && n > 0:
			c.note("confirm", c.Delegations.Confirm(c.Ctx, boss, d.ID, d.Version))
		case n == 0:
			c.note("revoke", c.Delegations.Revoke(c.Ctx, boss, d.ID))
		case n <= 2:
			c.note("suspend", c.suspend(d.Delegation))
		default:
			c.note("extend", c.Delegations.Extend(c.Ctx, boss, d.ID, d.Version, delegation.FourHours, ""))
		}
		return
	}
}

// suspend makes a consultant a member, and takes the role back.
func (c *crowd) suspend(d delegation.Delegation) error {
	role := tenancy.Grant{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, AccountID: d.AccountID, RoleID: tenancy.Member, Source: tenancy.Manual}
	err := c.Store.System(c.Ctx, "a test makes a member", func(tx *store.Tx) error {
		tx.NothingToRecord() // when somebody else just did
		return tenancy.Give(tx, role, "")
	})
	return errors.Join(err, c.Store.System(c.Ctx, "a test ends a membership", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Where("company_id = ? AND organization_id = ? AND account_id = ?", d.CompanyID, d.OrganizationID, d.AccountID).Delete(&tenancy.Grant{}).Error
	}))
}

// signOut ends a session and opens another, one after the other or both at once.
func (c *crowd) signOut(who string, n int, by models.Actor, over bool) {
	instead := by.Session
	if !over && !by.Anonymous() {
		c.note("sign out", c.Sessions.SignOut(c.Ctx, by))
		instead = ""
	}
	token, err := c.Sessions.Open(c.Ctx, access.Opening{Account: c.ID(who), Method: "code", Instead: instead})
	c.note("sign in", err)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tokens[who][n] = token
	}
}

// bustle has so many of them take so many steps each.
func (c *crowd) bustle(seed uint64, people, steps int) {
	var all sync.WaitGroup
	for n := range people {
		chance := rand.New(rand.NewPCG(seed, uint64(n)))
		all.Go(func() {
			for range steps {
				c.step(chance)
			}
		})
	}
	all.Wait()
}

// TestEverythingAtRandomKeepsToTheDelegations lets people enter, leave, act,
// grant, approve, accept, extend, amend, ask, suspend, confirm, revoke, give back,
// mute, expire and sign out at the same time, and reads the record against what
// it says was allowed.
func TestEverythingAtRandomKeepsToTheDelegations(t *testing.T) {
	for database, size := range map[string]struct{ people, steps int }{"postgres": {8, 300}, "sqlite": {4, 150}} {
		t.Run(database, func(t *testing.T) {
			c := newCrowd(modelstest.New(t, database))
			if testing.Short() {
				size.steps /= 5
			}
			c.bustle(seedOf(t), size.people, size.steps)
			for _, err := range c.faults {
				t.Error(err)
			}
			for _, name := range []string{"switch", "leave", "act", "extend", "grant", "accept", "sign out", "amend", "watch"} {
				if c.done[name] == 0 && !testing.Short() {
					t.Errorf("nobody managed to %s", name)
				}
			}
			c.endAll()
			visits := c.checkRecord()
			t.Logf("%d visits; done %v; refused %v", visits, c.done, c.refused)
		})
	}
}

// endAll signs everybody out, and lets every period pass.
func (c *crowd) endAll() {
	c.T.Helper()
	for _, who := range consultants {
		for n := range 2 {
			if by := c.ActorOf(c.token(who, n)); !by.Anonymous() {
				c.ok(c.Sessions.SignOut(c.Ctx, by))
			}
		}
	}
	c.Advance(30 * 24 * time.Hour)
	c.ok(c.Delegations.Expire(c.Ctx))
	c.ok(c.Delegations.EndIdle(c.Ctx))
}

func (c *crowd) ok(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}
