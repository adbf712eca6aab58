package main

import (
	"slices"
	"time"

	"locum/models/delegation"
)

// given is one delegation of the demo's past.
type given struct {
	by, to         string
	ago            time.Duration // when it was given
	period         delegation.Period
	date           string
	roles          []string
	reason, ticket string
	unanswered     bool
	visits         []visit
	revoked        time.Duration // how long ago; 0: not
}

// visit is one stay of the past. Without a length it goes on.
type visit struct{ ago, length time.Duration }

// past makes delegations in every state, with their visits.
func (s *seed) past() {
	const karin, marieke = "karin@zonneveld.example", "marieke@devries.example"
	hour, minute := time.Hour, time.Minute
	var steps []step
	for _, g := range []given{
		{by: karin, to: "o.wright@northgate.example", ago: 20 * day, period: delegation.Week, roles: []string{"invoices/reader"}, reason: "Interim audit", ticket: "AUD-19",
			visits: []visit{{19 * day, 3*hour + 10*minute}, {18 * day, 2 * hour}, {14 * day, 3*hour + 40*minute}}},
		{by: karin, to: "ruben@koppelwerk.example", ago: 24 * day, period: delegation.Month, roles: []string{"stock/editor"}, reason: "Link with the scales",
			visits: []visit{{23 * day, 50 * minute}, {9 * day, 2*hour + 4*minute}}, revoked: 5 * day},
		{by: karin, to: "aisha@kade.example", ago: 80 * day, period: delegation.NoEnd, roles: []string{"invoices/reader"}, reason: "Questions about reports",
			visits: []visit{{60 * day, 25 * minute}, {28 * day, 20 * minute}, {16 * day, 35 * minute}, {2 * day, 9 * minute}}},
		{by: karin, to: "e.carter@northgate.example", ago: 45 * day, period: delegation.NoEnd, roles: []string{"letters/reader"}, reason: "Spot checks of reminders",
			visits: []visit{{41 * day, 30 * minute}}},
		{by: karin, to: "sanne@kade.example", ago: 6*day - 6*hour, period: delegation.Week, reason: "Repair the invoice match after the VAT change", ticket: "INC-4821",
			roles:  []string{"invoices/editor", "stock/viewer", bridgeKey + "/viewer"},
			visits: []visit{{5 * day, 45 * minute}, {4 * day, 2*hour + 20*minute}, {1*day + 3*hour, 38 * minute}}},
		{by: karin, to: "thomas@kade.example", ago: 8 * day, period: delegation.Month, reason: "Move the debtor letters", ticket: "INC-4790",
			visits: []visit{{7 * day, 1 * hour}, {6 * day, 30 * minute}, {2 * day, 2 * hour}, {1 * day, 75 * minute}, {41 * minute, 0}}},
		{by: karin, to: "bram@vandam-accountants.example", ago: 2 * day, period: delegation.Week, roles: []string{"invoices/reader"}, reason: "Annual accounts", unanswered: true},
		{by: marieke, to: "sanne@kade.example", ago: 12 * day, period: delegation.Month, roles: []string{"planning/editor", bridgeKey + "/dispatcher"}, reason: "New depot in Venlo", ticket: "DV-204",
			visits: []visit{{11 * day, 90 * minute}, {3 * day, 25 * minute}}},
		{by: marieke, to: "e.carter@northgate.example", ago: 3 * day, period: delegation.ThreeMonths, roles: []string{"planning/viewer"}, reason: "Safety audit", visits: []visit{{2 * day, 55 * minute}}},
	} {
		steps = append(steps, s.steps(g)...)
	}
	steps = append(steps, s.aroundThem()...)
	steps = append(steps, s.secrets()...)
	steps = append(steps, s.worked()...)
	steps = append(steps, step{s.ago(30 * day), s.dearer})
	// What happened first is told first, whoever did it.
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for _, next := range steps {
		s.clock.set(next.at)
		s.sweep()
		next.do()
	}
	s.back(0)
	s.sweep()
}

// sweep does what the sweeps of that time did: they write down what ran out, and
// tell of what ends soon.
func (s *seed) sweep() {
	s.do("expiries", func() error { return s.house.Delegations.Expire(s.ctx) })
	s.do("reviews", func() error { return s.house.Delegations.Review(s.ctx) })
	s.do("warnings", func() error { return s.house.Delegations.Remind(s.ctx) })
}

// step is something that was done at a time.
type step struct {
	at time.Time
	do func()
}

// steps are those of one delegation.
func (s *seed) steps(g given) []step {
	var made delegation.Delegation
	list := []step{{s.ago(g.ago), func() {
		var roles []string
		for _, key := range g.roles {
			roles = append(roles, s.roles[key].ID)
		}
		s.do("delegation to "+g.to, func() (err error) {
			made, err = s.house.Delegations.Grant(s.ctx, s.as(g.by), delegation.Proposal{Email: g.to, Roles: roles, Period: g.period, Date: g.date,
				Reason: g.reason, Ticket: g.ticket, Language: "en"})
			return err
		})
	}}}
	if !g.unanswered {
		list = append(list, step{s.ago(g.ago).Add(40 * time.Minute), func() {
			s.do("accept as "+g.to, func() error { return s.house.Delegations.Accept(s.ctx, s.as(g.to), made.ID) })
		}})
	}
	for _, v := range g.visits {
		list = append(list, step{s.ago(v.ago), func() { s.in(g.to, made.OrganizationID) }})
		until := v.length
		if until == 0 {
			until = min(v.ago, 10*time.Minute)
		}
		list = append(list, step{s.ago(v.ago).Add(until - time.Minute), func() { s.visited(g.to, made.OrganizationID, until-time.Minute) }})
		if v.length > 0 {
			list = append(list, step{s.ago(v.ago).Add(v.length), func() {
				s.do(g.to+" leaves", func() error {
					_, err := s.house.Sessions.Leave(s.ctx, s.as(g.to))
					return err
				})
			}})
		}
	}
	if g.revoked > 0 {
		list = append(list, step{s.ago(g.revoked), func() {
			s.do("revoke "+g.to, func() error { return s.house.Delegations.Revoke(s.ctx, s.as(g.by), made.ID) })
		}})
	}
	return list
}
