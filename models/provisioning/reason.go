package provisioning

import (
	"slices"

	"locum/models"
	"locum/models/tenancy"
)

// Ground is why a role comes or goes.
type Ground string

// The grounds of changes. The first is of a role that comes, the others of one
// that goes.
const (
	Matches       Ground = "matches"       // the connector matches
	MatchesNot    Ground = "matches_not"   // the connector that gave it does not match
	ConnectorGone Ground = "gone"          // it is deleted
	ConnectorOff  Ground = "off"           // it is not on any more
	GivesOther    Ground = "other"         // it gives another role, or elsewhere
	NoAccess      Ground = "no_access"     // without a role in the organization there is none in its applications
	ByHandOnly    Ground = "by_hand"       // it was given by hand, where connectors decide
	AnotherRole   Ground = "another_role"  // it was the default role, and a connector gives one
	OutOfPlace    Ground = "out_of_places" // it was given by a connector that did not change
)

// Reason is why a role comes or goes in a preview. Connector is the name of the
// one that gives or gave it, and Trace what its condition finds; both are empty
// where no connector decides.
type Reason struct {
	Ground    Ground
	Connector string
	Trace     Trace
}

// Fails is the part of a condition that does not hold, as far as one part alone
// decides that: of all of several conditions the first that fails.
func (t Trace) Fails() Condition {
	if t.Condition.All != nil {
		for _, under := range t.Under {
			if !under.Holds {
				return under.Fails()
			}
		}
	}
	return t.Condition
}

// looking is what a preview looks for in each person.
type looking struct {
	looks []look
	names map[string]string // of all connectors, by id
}

// look is what a preview looks for of one connector: whom it matches before and
// after.
type look struct {
	shift
	before, after *test
}

func lookingAt(list []Saved, shifts []shift) (l looking, err error) {
	l.names = make(map[string]string, len(list))
	for _, s := range list {
		l.names[s.ID] = s.Name
	}
	compiled := func(c *Connector) (*test, error) {
		t, err := c.Condition.compile()
		return &t, err
	}
	for _, s := range shifts {
		one := look{shift: s}
		if s.was.isOn() {
			if one.before, err = compiled(s.was); err != nil {
				return l, err
			}
		}
		if s.becomes != nil {
			if one.after, err = compiled(s.becomes); err != nil {
				return l, err
			}
		}
		l.looks = append(l.looks, one)
	}
	return l, nil
}

// at says of a person whether any of the connectors matches before and after,
// and gives the one by which he keeps its role.
func (l looking) at(done *Applied, held []tenancy.Grant) (before, after bool, keeps *look) {
	for i := range l.looks {
		one := &l.looks[i]
		before = before || one.before.matches(&done.Profile)
		if !one.after.matches(&done.Profile) {
			continue
		}
		after = true
		role := Change{one.becomes.Target, one.becomes.Role}
		holds := slices.ContainsFunc(held, func(g tenancy.Grant) bool { return changeOf(g) == role })
		if keeps == nil && one.becomes.isOn() && holds && !slices.Contains(done.Lost, role) {
			keeps = one
		}
	}
	return before, after, keeps
}

// trace is what the connector's condition finds of a person.
func (l look) trace(p Profile) Trace {
	about := l.becomes
	if about == nil {
		about = l.was
	}
	t, _ := Explain(*about, p) // its condition has been compiled
	return t
}

// reasons says why each role of a person comes or goes.
func (l looking) reasons(done Applied, plan Plan, held []tenancy.Grant) map[Change]Reason {
	why := make(map[Change]Reason, len(done.Gained)+len(done.Lost))
	for _, role := range done.Gained {
		for _, one := range l.looks {
			if one.becomes.isOn() && (Change{one.becomes.Target, one.becomes.Role}) == role && one.after.matches(&done.Profile) {
				why[role] = Reason{Matches, one.becomes.Name, one.trace(done.Profile)}
				break
			}
		}
	}
	for _, role := range done.Lost {
		why[role] = l.lost(role, done, plan, held)
	}
	return why
}

// lost says why a role goes.
func (l looking) lost(role Change, done Applied, plan Plan, held []tenancy.Grant) Reason {
	var from tenancy.Grant // the last of those that gave it
	for _, g := range held {
		if changeOf(g) != role {
			continue
		}
		from = g
		for _, one := range l.looks {
			if g.Source == tenancy.Rule && one.was != nil && one.was.ID == g.SourceID {
				if r := one.lost(role, done.Profile); r.Ground != "" {
					return r
				}
			}
		}
	}
	inside := func(g tenancy.Grant) bool {
		return g.OrganizationID == role.Target.Organization && g.ApplicationID == ""
	}
	switch {
	case role.Target.Level == models.ApplicationLevel && !slices.ContainsFunc(plan.after(), inside):
		return Reason{Ground: NoAccess}
	case from.Source == tenancy.Manual:
		return Reason{Ground: ByHandOnly}
	case from.Source == tenancy.FromDefault:
		return Reason{Ground: AnotherRole}
	}
	return Reason{Ground: OutOfPlace, Connector: l.names[from.SourceID]}
}

// lost says why a role goes that the connector gave; nothing where it still
// gives it.
func (l look) lost(role Change, p Profile) Reason {
	switch {
	case l.becomes == nil:
		return Reason{Ground: ConnectorGone, Connector: l.was.Name}
	case l.becomes.State != On:
		return Reason{Ground: ConnectorOff, Connector: l.becomes.Name}
	case (Change{l.becomes.Target, l.becomes.Role}) != role:
		return Reason{Ground: GivesOther, Connector: l.becomes.Name}
	case !l.after.matches(&p):
		return Reason{MatchesNot, l.becomes.Name, l.trace(p)}
	}
	return Reason{}
}
