package delegation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Terms are what an amendment can change of a delegation: until when, as what,
// where, and why.
type Terms struct {
	Period            Period          `json:"period"`
	Ends              *models.Instant `json:"ends_at"`
	Roles             []string        `json:"roles"` // ids, in order
	AllApplications   bool            `json:"all_applications"`
	NamedApplications string          `json:"named_applications"`
	Reason            string          `json:"reason"`
	Ticket            string          `json:"ticket"`
}

// termsOf are those of a delegation with its roles.
func termsOf(d Delegation, roles []tenancy.Role) Terms {
	t := Terms{Period: d.Period, Ends: d.EndsAt, AllApplications: d.AllApplications, NamedApplications: d.NamedApplications,
		Reason: d.Reason, Ticket: d.Ticket}
	for _, r := range roles {
		t.Roles = append(t.Roles, r.ID)
	}
	slices.Sort(t.Roles)
	return t
}

// on is the delegation as it is under other terms.
func (t Terms) on(d Delegation) Delegation {
	d.Period, d.EndsAt, d.AllApplications, d.NamedApplications = t.Period, t.Ends, t.AllApplications, t.NamedApplications
	d.Reason, d.Ticket = t.Reason, t.Ticket
	return d
}

// named are the roles of the terms.
func (t Terms) named(reg tenancy.Registry) (roles []tenancy.Role) {
	for _, id := range reg.RoleOrder {
		if slices.Contains(t.Roles, id) {
			roles = append(roles, reg.Roles[id])
		}
	}
	return roles
}

// equal says whether both come to the same; with which period an end was
// chosen makes no difference.
func (t Terms) equal(o Terms) bool {
	same := sameEnd(t.Ends, o.Ends) && slices.Equal(t.Roles, o.Roles)
	return same && t.AllApplications == o.AllApplications && t.NamedApplications == o.NamedApplications && t.Reason == o.Reason && t.Ticket == o.Ticket
}

func sameEnd(a, b *models.Instant) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(b.Time)
}

// asGood says whether two ends are one for people, who choose by the minute: the
// end then stays as it was given, so that many small steps come to nothing.
func asGood(a, b *models.Instant) bool {
	return a != nil && b != nil && a.Sub(b.Time).Abs() < time.Minute
}

// later says whether one end comes after another; nil is never.
func later(a, b *models.Instant) bool {
	return b != nil && (a == nil || a.After(b.Time))
}

// Side is what stands before an amendment, or after it.
type Side struct {
	Terms
	RoleNames []string // each with its application
	Prospect  Prospect
}

func side(t Terms, d Delegation, reg tenancy.Registry, enabled []tenancy.Enabled) Side {
	roles := t.named(reg)
	return Side{t, RoleNames(reg, roles), look(reg, enabled, t.on(d), roles)}
}

// widens says whether the second side lets its consultant do anything that the
// first does not: longer, as something else, or in more applications.
func widens(before, after Side) bool {
	return later(after.Ends, before.Ends) || after.AllApplications && !before.AllApplications || after.Prospect.beyond(before.Prospect)
}

// changed is what an event says of an amendment: each value that changed, and
// the one before.
func changed(before, after Side) map[string]any {
	data, was := map[string]any{}, map[string]any{}
	note := func(name string, same bool, now, then any) {
		if !same {
			data[name], was[name] = now, then
		}
	}
	note("ends_at", sameEnd(before.Ends, after.Ends), instant(after.Ends), instant(before.Ends))
	note("roles", slices.Equal(before.RoleNames, after.RoleNames), after.RoleNames, before.RoleNames)
	note("applications", slices.Equal(before.Prospect.names(), after.Prospect.names()), after.Prospect.names(), before.Prospect.names())
	note("later_applications", before.AllApplications == after.AllApplications, after.AllApplications, before.AllApplications)
	note("reason", before.Reason == after.Reason, after.Reason, before.Reason)
	note("ticket", before.Ticket == after.Ticket, after.Ticket, before.Ticket)
	data[store.Previous] = was
	return data
}

// instant is an end for an event: a time, or null for none.
func instant(at *models.Instant) any {
	if at == nil {
		return nil
	}
	return at.Time
}

// names are those of the applications.
func (p Prospect) names() []string {
	names := make([]string, len(p.Applications))
	for i, a := range p.Applications {
		names[i] = a.Name
	}
	return names
}

func (t Terms) text() string {
	data, err := json.Marshal(t)
	if err != nil {
		return "{}" // of strings and a time: there is nothing that cannot be written
	}
	return string(data)
}

func readTerms(text string) (t Terms, err error) {
	err = json.NewDecoder(strings.NewReader(text)).Decode(&t)
	return t, err
}
