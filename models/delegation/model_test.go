package delegation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// reference is what a delegation is, in as few words as can be: the program must
// agree with it after every step.
type reference struct {
	now                                                   time.Time
	there, accepted, declined, revoked, suspended, inside bool
	proposed, rejected                                    bool // before it was given
	asked                                                 bool // for more time
	ends                                                  time.Time
	muted                                                 map[string]time.Time // until when, by superuser
	visits                                                int
}

func (r *reference) over() bool {
	return r.revoked || r.declined || r.rejected || !r.proposed && !r.now.Before(r.ends)
}
func (r *reference) active() bool  { return r.standing() && r.accepted && !r.suspended }
func (r *reference) waiting() bool { return r.there && r.proposed && !r.over() }

// standing says that it was given and goes on.
func (r *reference) standing() bool { return r.there && !r.proposed && !r.over() }

func (r *reference) mutes(who string) bool { return r.now.Before(r.muted[who]) }

// ending makes the end another one, which answers what was asked about it.
func (r *reference) ending(at time.Time) { r.ends, r.asked = at, false }

func (r *reference) fourHours() time.Time { return r.now.Add(4 * time.Hour) }
func (r *reference) day() time.Time       { return r.now.Add(24 * time.Hour) } // no clock changes here

func (r *reference) status() delegation.Status {
	switch {
	case r.rejected:
		return delegation.Rejected
	case r.revoked:
		return delegation.Revoked
	case r.proposed:
		return delegation.Proposed
	case r.declined:
		return delegation.Declined
	case !r.now.Before(r.ends):
		return delegation.Expired
	case r.suspended:
		return delegation.Suspended
	case !r.accepted:
		return delegation.Invited
	}
	return delegation.Running // or delegation.Expiring, which is the same with less time left
}

// action is a step: whether the reference lets it be, and how it goes on.
type action struct {
	name   string
	weight int // how likely it is
	may    func(r *reference) bool
	then   func(r *reference)
	do     func(m *machine) error
}

// machine is the program, with one consultant and one host.
type machine struct {
	*modelstest.World
	id string // of the newest delegation
}

func (m *machine) boss() models.Actor       { return m.Actor("karin") }
func (m *machine) consultant() models.Actor { return m.Actor("sanne") }

func (m *machine) version() int64 {
	one, err := m.Delegations.Get(m.Ctx, m.boss(), m.id)
	if err != nil {
		return 0
	}
	return one.Version
}

// likely is each action as often as it weighs.
func likely() (list []int) {
	for i, a := range actions {
		for range a.weight {
			list = append(list, i)
		}
	}
	return list
}

func always(*reference) bool { return true }
func nothing(*reference)     {}

var actions = []action{
	{"grant", 4, func(r *reference) bool { return !r.there || r.over() },
		func(r *reference) {
			*r = reference{now: r.now, there: true, ends: r.fourHours(), muted: map[string]time.Time{}, visits: r.visits}
		}, (*machine).grant},
	{"propose", 2, func(r *reference) bool { return !r.there || r.over() },
		func(r *reference) {
			*r = reference{now: r.now, there: true, proposed: true, ends: r.fourHours(), muted: map[string]time.Time{}, visits: r.visits}
		},
		func(m *machine) error {
			wants(m.World, tenancy.Hosting{Approval: true})
			defer wants(m.World, tenancy.Hosting{})
			return m.grant()
		}},
	{"approve", 6, (*reference).waiting, func(r *reference) { r.proposed, r.ends = false, r.fourHours() },
		func(m *machine) error { return m.Delegations.Approve(m.Ctx, m.Actor("pim"), m.id, m.proposal(), "") }},
	{"approve one's own", 1, func(*reference) bool { return false }, nothing,
		func(m *machine) error { return m.Delegations.Approve(m.Ctx, m.boss(), m.id, m.proposal(), "") }},
	{"reject", 1, (*reference).waiting, func(r *reference) { r.rejected = true },
		func(m *machine) error { return m.Delegations.Reject(m.Ctx, m.Actor("pim"), m.id, m.proposal(), "") }},
	{"withdraw", 1, (*reference).waiting, func(r *reference) { r.revoked = true },
		func(m *machine) error { return m.Delegations.Withdraw(m.Ctx, m.boss(), m.id, m.proposal()) }},
	{"accept", 8, func(r *reference) bool { return r.standing() && !r.accepted }, func(r *reference) { r.accepted = true },
		func(m *machine) error { return m.Delegations.Accept(m.Ctx, m.consultant(), m.id) }},
	{"decline", 1, func(r *reference) bool { return r.standing() && !r.accepted }, func(r *reference) { r.declined = true },
		func(m *machine) error { return m.Delegations.Decline(m.Ctx, m.consultant(), m.id) }},
	{"extend", 3, func(r *reference) bool { return r.standing() && !r.fourHours().Before(r.ends) }, func(r *reference) { r.ending(r.fourHours()) },
		func(m *machine) error {
			return m.Delegations.Extend(m.Ctx, m.boss(), m.id, m.version(), delegation.FourHours, "")
		}},
	{"extend what somebody changed", 1, func(*reference) bool { return false }, nothing,
		func(m *machine) error {
			return m.Delegations.Extend(m.Ctx, m.boss(), m.id, m.version()-1, delegation.FourHours, "")
		}},
	{"amend to four hours", 2, func(r *reference) bool { return r.standing() && !r.fourHours().Equal(r.ends) },
		func(r *reference) { r.ending(r.fourHours()) }, func(m *machine) error { return m.amend(delegation.FourHours) }},
	{"amend to a day", 2, func(r *reference) bool { return r.standing() && !r.day().Equal(r.ends) },
		func(r *reference) { r.ending(r.day()) }, func(m *machine) error { return m.amend(delegation.Day) }},
	{"amend nothing", 1, func(*reference) bool { return false }, nothing, func(m *machine) error { return m.amend(delegation.Keep) }},
	{"ask for more", 3, func(r *reference) bool { return r.active() && !r.asked && r.day().After(r.ends) }, func(r *reference) { r.asked = true },
		func(m *machine) error {
			m.freeAsking()
			return m.Delegations.AskMore(m.Ctx, m.consultant(), m.id, delegation.More{Period: delegation.Day, Reason: "Not ready"})
		}},
	{"refuse more", 1, func(r *reference) bool { return r.standing() && r.asked }, func(r *reference) { r.asked = false },
		func(m *machine) error { return m.Delegations.RefuseMore(m.Ctx, m.boss(), m.id, m.version(), "") }},
	{"end the visit", 1, func(r *reference) bool { return r.inside }, func(r *reference) { r.inside = false },
		func(m *machine) error {
			_, err := m.Delegations.EndVisit(m.Ctx, m.boss(), m.consultant().Visit)
			return err
		}},
	mutes("karin", "pim"), mutes("pim", "karin"),
	{"hear at once", 1, func(r *reference) bool { return r.there && !r.over() }, func(r *reference) { delete(r.muted, "karin") },
		func(m *machine) error {
			return watch(m.World, "karin", delegation.Delegation{ID: m.id}, mode(tenancy.AtOnce))
		}},
	{"revoke", 1, func(r *reference) bool { return r.there && !r.over() }, func(r *reference) { r.revoked, r.inside = true, false },
		func(m *machine) error { return m.Delegations.Revoke(m.Ctx, m.boss(), m.id) }},
	{"give back", 1, func(r *reference) bool { return r.accepted && !r.over() }, func(r *reference) { r.revoked, r.inside = true, false },
		func(m *machine) error { return m.Delegations.GiveBack(m.Ctx, m.consultant(), m.id) }},
	{"become a member for a moment", 2, always, func(r *reference) {
		if r.accepted && !r.over() {
			r.suspended, r.inside = true, false
		}
	}, func(m *machine) error { return m.member() }},
	{"confirm", 4, func(r *reference) bool { return r.suspended && !r.over() }, func(r *reference) { r.suspended = false },
		func(m *machine) error { return m.Delegations.Confirm(m.Ctx, m.boss(), m.id, m.version()) }},
	{"enter", 8, (*reference).active, enters, (*machine).enter},
	{"leave", 2, always, func(r *reference) { r.inside = false },
		func(m *machine) error { _, err := m.Sessions.Leave(m.Ctx, m.consultant()); return err }},
	{"sign out and in", 2, always, func(r *reference) { r.inside = false },
		func(m *machine) error {
			err := m.Sessions.SignOut(m.Ctx, m.consultant())
			m.NewSession("sanne")
			return err
		}},
	{"let an hour pass", 3, always, func(r *reference) { r.passes(time.Hour) }, func(m *machine) error { return m.passes(time.Hour) }},
	{"let three hours pass", 4, always, func(r *reference) { r.passes(3 * time.Hour) }, func(m *machine) error { return m.passes(3 * time.Hour) }},
	{"sweep", 2, always, nothing, func(m *machine) error {
		if err := m.Delegations.Expire(m.Ctx); err != nil {
			return err
		}
		if err := m.Delegations.EndMutes(m.Ctx); err != nil {
			return err
		}
		return m.Delegations.EndIdle(m.Ctx)
	}},
}

// mutes is that a superuser mutes it for a day, unless the other one does.
func mutes(who, other string) action {
	return action{"mute as " + who, 2, func(r *reference) bool { return r.there && !r.over() && !r.mutes(other) },
		func(r *reference) {
			if r.muted[who] = r.day(); r.ends.Before(r.day()) {
				r.muted[who] = r.ends
			}
		},
		func(m *machine) error {
			return watch(m.World, who, delegation.Delegation{ID: m.id}, delegation.Watch{Mode: tenancy.Muted, Days: 1})
		}}
}

func (m *machine) grant() error {
	d, err := m.Delegations.Grant(m.Ctx, m.boss(), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.FourHours})
	if err == nil {
		m.id = d.ID
	}
	return err
}

// proposal is what waits for approval.
func (m *machine) proposal() string {
	if d, err := m.Delegations.Get(m.Ctx, m.boss(), m.id); err == nil && d.Waiting != nil {
		return d.Waiting.ID
	}
	return "prp_none"
}

// freeAsking forgets how often more time was asked for: how often one may is not
// what this looks at.
func (m *machine) freeAsking() {
	m.System(func(tx *store.Tx) error {
		return tx.Where("key = ?", "more time "+m.id).Delete(&account.Counter{}).Error
	})
}

// amend changes the period, and leaves all else.
func (m *machine) amend(period delegation.Period) error {
	_, err := m.Delegations.Amend(m.Ctx, m.boss(), m.id, m.version(), delegation.Proposal{Period: period})
	return err
}

func enters(r *reference) {
	if !r.inside {
		r.visits++
	}
	r.inside = true
}

func (r *reference) passes(d time.Duration) {
	r.now = r.now.Add(d)
	r.inside = r.inside && r.active()
}

func (m *machine) enter() error {
	_, err := m.Sessions.Switch(m.Ctx, m.consultant(), m.Zonneveld.Organization)
	return err
}

// passes has time go by in which both are at work.
func (m *machine) passes(d time.Duration) error {
	m.Advance(d)
	m.Sessions.Seen(m.Ctx, m.boss())
	m.Sessions.Seen(m.Ctx, m.Actor("pim"))
	m.Sessions.Seen(m.Ctx, m.consultant())
	return nil
}

// member makes the consultant a member, and takes the role back.
func (m *machine) member() error {
	role := tenancy.Grant{CompanyID: m.Zonneveld.Company, OrganizationID: m.Zonneveld.Organization, AccountID: m.ID("sanne"), RoleID: tenancy.Member, Source: tenancy.Manual}
	m.System(func(tx *store.Tx) error { return tenancy.Give(tx, role, "") })
	m.System(func(tx *store.Tx) error {
		return tx.Where("organization_id = ? AND account_id = ?", role.OrganizationID, role.AccountID).Delete(&tenancy.Grant{}).Error
	})
	return nil
}

// differs says where the program is another than the reference, or "".
func (m *machine) differs(r *reference) string {
	if inside := m.consultant().Visiting(); inside != r.inside {
		return fmt.Sprintf("he is inside: %t, by the reference %t", inside, r.inside)
	}
	var visits int64
	m.System(func(tx *store.Tx) error { return tx.Model(&delegation.Visit{}).Where("1 = 1").Count(&visits).Error })
	if int(visits) != r.visits {
		return fmt.Sprintf("%d visits, by the reference %d", visits, r.visits)
	}
	if !r.there {
		return ""
	}
	one, err := m.Delegations.Get(m.Ctx, m.boss(), m.id)
	if err != nil {
		return err.Error()
	}
	status := one.Status(m.Now())
	if status == delegation.Expiring {
		status = delegation.Running
	}
	if status != r.status() || one.Active(m.Now()) != r.active() {
		return fmt.Sprintf("it is %s, active %t; by the reference %s, %t", status, one.Active(m.Now()), r.status(), r.active())
	}
	if asks := one.MoreAskedAt != nil; asks != r.asked {
		return fmt.Sprintf("he asks for more: %t, by the reference %t", asks, r.asked)
	}
	if r.over() {
		return ""
	}
	muted, _, err := m.Delegations.Mutes(m.Ctx, m.boss())
	if err != nil {
		return err.Error()
	}
	want := 0
	for who := range r.muted {
		if r.mutes(who) {
			want++
		}
	}
	if muted[m.id] != want {
		return fmt.Sprintf("%d mute it, by the reference %d", muted[m.id], want)
	}
	return ""
}

// follows takes steps, and says at which the program went another way, and how;
// -1 when it never did.
func follows(t *testing.T, database string, steps []int, seen map[string]int) (int, string) {
	m := &machine{World: modelstest.New(t, database)}
	r := &reference{now: m.Now()}
	for i, n := range steps {
		a := actions[n]
		may := a.may(r)
		err := a.do(m)
		if models.KindOf(err) == models.Internal && err != nil {
			return i, err.Error()
		}
		if (err == nil) != may {
			return i, fmt.Sprintf("answers %v, and the reference says %t", err, may)
		}
		if may {
			a.then(r)
			seen[a.name]++
		}
		if r.there {
			seen[string(r.status())]++
		}
		if difference := m.differs(r); difference != "" {
			return i, difference
		}
	}
	return -1, ""
}

// shrink leaves out of a sequence what is not needed for it to go wrong.
func shrink(steps []int, wrong func([]int) bool) []int {
	for i := len(steps) - 1; i >= 0; i-- {
		if fewer := slices.Delete(slices.Clone(steps), i, i+1); wrong(fewer) {
			steps = fewer
		}
	}
	return steps
}

// lacks is a status in which no delegation was seen yet, or "".
func lacks(seen map[string]int) delegation.Status {
	for _, status := range []delegation.Status{delegation.Invited, delegation.Running, delegation.Suspended, delegation.Expired, delegation.Revoked, delegation.Proposed} {
		if seen[string(status)] == 0 {
			return status
		}
	}
	return ""
}

// TestADelegationIsWhatTheReferenceSaysAfterAnyStepsAtRandom takes random
// sequences of steps, at least until each status was seen, and when one goes wrong shows the shortest that does.
func TestADelegationIsWhatTheReferenceSaysAfterAnyStepsAtRandom(t *testing.T) {
	n, choices := seedOf(t), likely()
	for database, sequences := range map[string]int{"sqlite": 10, "postgres": 3} {
		t.Run(database, func(t *testing.T) {
			chance, seen := rand.New(rand.NewPCG(n, 5)), map[string]int{}
			for i := 0; i < sequences || i < 10*sequences && lacks(seen) != ""; i++ {
				steps := make([]int, 50)
				for i := range steps {
					steps[i] = choices[chance.IntN(len(choices))]
				}
				at, _ := follows(t, database, steps, seen)
				if at < 0 {
					continue
				}
				short := shrink(steps[:at+1], func(s []int) bool { at, _ := follows(t, database, s, seen); return at >= 0 })
				_, why := follows(t, database, short, seen)
				var names []string
				for _, s := range short {
					names = append(names, actions[s].name)
				}
				t.Fatalf("%s: %s", strings.Join(names, ", "), why)
			}
			t.Logf("seen %v", seen)
			if status := lacks(seen); status != "" {
				t.Errorf("no delegation was %s: this looks at too little", status)
			}
		})
	}
}
