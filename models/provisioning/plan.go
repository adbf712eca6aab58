package provisioning

import (
	"encoding/json"
	"slices"

	"locum/models"
	"locum/models/tenancy"
)

// Policy is what a company chose for what its connectors leave open.
type Policy struct {
	// Authoritative takes roles given by hand too, at the targets for which a
	// connector is on; those with an end date stay until then.
	Authoritative bool
	// NoMatch is what nobody's connector gives at the company level: one of
	// tenancy's NoMatch values.
	NoMatch string
	// DefaultRole is the id of the company's default role.
	DefaultRole string
	// high are the roles that manage others, where it is asked.
	high map[string]bool
	// Everything takes every role whatever its source, of somebody who left.
	Everything bool
	// Keep are roles that stay whatever the rules say, since nobody else holds
	// them.
	Keep []Change
}

// Plan is what a result changes in the grants of one person.
type Plan struct {
	Give    []tenancy.Grant // new rows, without id
	Refresh []tenancy.Grant // rows that stay, with newer evidence
	Take    []tenancy.Grant
	// Withheld are application roles that rules give to somebody who has no
	// role in the organization.
	Withheld []tenancy.Grant
	// Refused says that no connector matched and the company refuses such a
	// sign-in.
	Refused bool

	stay []tenancy.Grant
}

// grantKey is what makes two rows of grants the same.
type grantKey struct {
	organization, application, role string
	source                          tenancy.Source
	sourceID                        string
}

func keyOf(g tenancy.Grant) grantKey {
	return grantKey{g.OrganizationID, g.ApplicationID, g.RoleID, g.Source, g.SourceID}
}

// targetOf is where a grant stands.
func targetOf(g tenancy.Grant) Target {
	t := Target{Level: models.CompanyLevel, Organization: g.OrganizationID, Application: g.ApplicationID}
	switch {
	case g.ApplicationID != "":
		t.Level = models.ApplicationLevel
	case g.OrganizationID != "":
		t.Level = models.OrganizationLevel
	}
	return t
}

// Plan compares the grants that a person holds now with a result of these
// rules. It changes nothing.
func (r *Rules) Plan(held []tenancy.Grant, result Result, policy Policy) Plan {
	var p Plan
	wanted := rows(result)
	inCompany := func(g tenancy.Grant) bool { return g.OrganizationID == "" }
	matchedCompany := slices.ContainsFunc(wanted, inCompany)
	p.Refused = policy.NoMatch == tenancy.NoMatchRefuse && len(wanted) == 0

	for _, g := range held {
		same := slices.IndexFunc(wanted, func(w tenancy.Grant) bool { return keyOf(w) == keyOf(g) })
		switch {
		case same >= 0:
			w := wanted[same]
			if w.SourceVersion != g.SourceVersion || w.Evidence != g.Evidence {
				g.SourceVersion, g.Evidence = w.SourceVersion, w.Evidence
				p.Refresh = append(p.Refresh, g)
			}
			p.stay = append(p.stay, g)
			wanted = slices.Delete(wanted, same, same+1)
		case slices.Contains(policy.Keep, changeOf(g)):
			p.stay = append(p.stay, g)
		case policy.NoMatch == tenancy.NoMatchKeep && inCompany(g) && !matchedCompany, !r.owns(g, policy):
			p.stay = append(p.stay, g)
		default:
			p.Take = append(p.Take, g)
		}
	}
	p.Give = wanted
	p.giveDefault(policy)
	p.cascade()
	return p
}

// rows are the grants of a result, one for each connector that gives a role.
func rows(result Result) []tenancy.Grant {
	var list []tenancy.Grant
	for _, g := range result.Grants {
		for _, e := range g.Evidence {
			evidence, err := json.Marshal(e.Matches)
			if err != nil {
				panic(err) // texts, truths and times always have a form in JSON
			}
			list = append(list, tenancy.Grant{OrganizationID: g.Target.Organization, ApplicationID: g.Target.Application, RoleID: g.Role,
				Source: tenancy.Rule, SourceID: e.Connector, SourceVersion: int64(e.Version), Evidence: string(evidence)})
		}
	}
	return list
}

// owns says whether the rules may take a grant that they do not give.
func (r *Rules) owns(g tenancy.Grant, policy Policy) bool {
	if policy.Everything {
		return true
	}
	switch g.Source {
	case tenancy.Rule:
		return true
	case tenancy.FromDefault:
		return g.OrganizationID == ""
	case tenancy.Manual:
		return policy.Authoritative && g.EndsAt == nil && r.targets[targetOf(g)]
	}
	return false
}

// giveDefault gives the company's default role to who has none there, and leaves
// the row alone if that is the one he had.
func (p *Plan) giveDefault(policy Policy) {
	someRole := func(g tenancy.Grant) bool { return g.OrganizationID == "" }
	if policy.NoMatch != tenancy.NoMatchDefault || policy.DefaultRole == "" || slices.ContainsFunc(p.stay, someRole) || slices.ContainsFunc(p.Give, someRole) {
		return
	}
	standard := tenancy.Grant{RoleID: policy.DefaultRole, Source: tenancy.FromDefault}
	if at := slices.IndexFunc(p.Take, func(g tenancy.Grant) bool { return keyOf(g) == keyOf(standard) }); at >= 0 {
		p.stay = append(p.stay, p.Take[at])
		p.Take = slices.Delete(p.Take, at, at+1)
		return
	}
	p.Give = append(p.Give, standard)
}

// cascade: with the last role in an organization every application role in it
// goes, whoever gave it, and none comes.
func (p *Plan) cascade() {
	inside := map[string]bool{}
	for _, g := range slices.Concat(p.stay, p.Give) {
		if g.OrganizationID != "" && g.ApplicationID == "" {
			inside[g.OrganizationID] = true
		}
	}
	outside := func(g tenancy.Grant) bool { return g.ApplicationID != "" && !inside[g.OrganizationID] }
	for _, g := range p.stay {
		if outside(g) {
			p.Take = append(p.Take, g)
		}
	}
	for _, g := range p.Give {
		if outside(g) {
			p.Withheld = append(p.Withheld, g)
		}
	}
	p.stay = slices.DeleteFunc(p.stay, outside)
	p.Refresh = slices.DeleteFunc(p.Refresh, outside)
	p.Give = slices.DeleteFunc(p.Give, outside)
}

// Change is a role that somebody gains or loses.
type Change struct {
	Target Target
	Role   string
}

func changeOf(g tenancy.Grant) Change { return Change{targetOf(g), g.RoleID} }

// Gained and Lost are the roles that differ before and after: a role that only
// changes its source is in neither.
func (p Plan) Gained() []Change { return difference(p.Give, slices.Concat(p.stay, p.Take)) }

// Lost is as Gained says.
func (p Plan) Lost() []Change { return difference(p.Take, slices.Concat(p.stay, p.Give)) }

func difference(rows, without []tenancy.Grant) []Change {
	var list []Change
	for _, g := range rows {
		c := changeOf(g)
		other := slices.ContainsFunc(without, func(w tenancy.Grant) bool { return changeOf(w) == c })
		if !other && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// after are the grants that a person holds once the plan is carried out.
func (p Plan) after() []tenancy.Grant { return slices.Concat(p.stay, p.Give) }

// Empty says that nothing changes, but for evidence.
func (p Plan) Empty() bool { return len(p.Give) == 0 && len(p.Take) == 0 }
