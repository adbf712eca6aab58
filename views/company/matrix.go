package company

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/organization"
	"locum/views/ui"
)

// Spot is a column of the matrix: the company, an organization, or an
// application in it.
type Spot struct{ Organization, Application string }

// Group is an organization's columns, or with the zero Organization the
// company's.
type Group struct {
	Organization tenancy.Organization
	Spots        []Spot
}

// Person is somebody who can work somewhere in the company: a member, or
// somebody from outside through delegations.
type Person struct {
	ID, Name, Email string
	Firm            models.Party // of somebody from outside
	External        bool
	Closed          bool
	Roleless        bool // known to the company, and without any role there
	KeptOut         bool
	Waiting         time.Time // for a seat, since then; zero for who has one
	SeenAt          time.Time
	Roles           map[Spot][]ui.Provenance
	Held            []Held
}

// Held is one role of a person at a spot, with where it comes from.
type Held struct {
	Spot
	RoleID, Role string
	Source       tenancy.Source
	Why          string
	Since        models.Instant
	Until        *models.Instant
}

// inside says whether he holds anything in an organization, or with the zero
// one in the company.
func (p Person) inside(g Group) bool {
	return slices.ContainsFunc(g.Spots, func(s Spot) bool { return len(p.Roles[s]) > 0 })
}

// sub is the line below his name.
func (p Person) sub() string {
	if p.External {
		return cmp.Or(p.Firm.Label(), p.Email)
	}
	return p.Email
}

// Gather puts members and visitors of a company together, by name.
func Gather(ctx context.Context, members []tenancy.Membership, external []delegation.Details, s organization.Sources) []Person {
	var list []Person
	at := map[string]int{}
	for _, m := range members {
		p := Person{ID: m.Person.ID, Name: m.Person.Name, Email: m.Person.Email, Closed: m.Person.DeactivatedAt != nil, Waiting: m.Waiting, SeenAt: m.SeenAt, Roles: map[Spot][]ui.Provenance{}}
		for _, g := range m.Grants {
			spot := Spot{g.OrganizationID, g.ApplicationID}
			tag := s.Tag(ctx, m, g, false, "/company/people/"+m.Person.ID)
			p.Roles[spot] = append(p.Roles[spot], tag)
			p.Held = append(p.Held, Held{spot, g.RoleID, tag.Role, g.Source, tag.Why, g.CreatedAt, g.EndsAt})
		}
		at[p.ID] = len(list)
		list = append(list, p)
	}
	for _, d := range external {
		i, there := at[d.AccountID]
		if !there {
			i = len(list)
			at[d.AccountID] = i
			list = append(list, Person{ID: d.AccountID, Name: d.AccountName, Email: d.Email, Firm: d.Firm, External: true, Roles: map[Spot][]ui.Provenance{}})
		}
		if last, visited := d.Last(); visited && last.LastSeenAt.After(list[i].SeenAt) {
			list[i].SeenAt = last.LastSeenAt.Time
		}
		for _, r := range d.Roles {
			spot := Spot{d.OrganizationID, r.ApplicationID}
			tag := ui.Provenance{Role: r.Name, Source: string(tenancy.ByDelegation),
				Why: i18n.T(ctx, "organization.why.by", "Name", d.GrantedByName), Href: "/company/people/" + d.AccountID}
			list[i].Roles[spot] = append(list[i].Roles[spot], tag)
			list[i].Held = append(list[i].Held, Held{spot, r.ID, tag.Role, tenancy.ByDelegation, tag.Why, d.StartsAt, d.EndsAt})
		}
	}
	slices.SortStableFunc(list, func(a, b Person) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list
}

// Join adds those whom the company knows and who hold no role to its people, by
// name.
func Join(list []Person, known []provisioning.KnownPerson) []Person {
	for _, k := range known {
		if !slices.ContainsFunc(list, func(p Person) bool { return p.ID == k.Person.ID }) {
			list = append(list, Person{ID: k.Person.ID, Name: k.Person.Name, Email: k.Person.Email, Closed: k.Person.DeactivatedAt != nil,
				Roleless: true, KeptOut: k.Block != nil, SeenAt: k.SeenAt.Time})
		}
	}
	slices.SortStableFunc(list, func(a, b Person) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list
}

// Columns are the groups of the matrix: the company where anybody holds a role
// in it, then each organization with the applications in which anybody does.
func Columns(organizations []tenancy.Organization, people []Person) []Group {
	held := map[Spot]bool{}
	for _, p := range people {
		for spot := range p.Roles {
			held[spot] = true
		}
	}
	var groups []Group
	if held[Spot{}] {
		groups = append(groups, Group{Spots: []Spot{{}}})
	}
	for _, o := range organizations {
		g := Group{Organization: o, Spots: []Spot{{Organization: o.ID}}}
		var apps []string
		for spot := range held {
			if spot.Organization == o.ID && spot.Application != "" {
				apps = append(apps, spot.Application)
			}
		}
		slices.Sort(apps)
		for _, app := range apps {
			g.Spots = append(g.Spots, Spot{o.ID, app})
		}
		groups = append(groups, g)
	}
	return groups
}

// Fits says whether a person is of a kind, and has a text in his name, his
// address or his firm.
func (p Person) Fits(kind, text string) bool {
	is, asked := map[string]bool{Inside: !p.External, Outside: p.External, NoRole: p.Roleless, KeptOut: p.KeptOut, Waiting: !p.Waiting.IsZero()}[kind]
	if asked && !is {
		return false
	}
	text = strings.ToLower(strings.TrimSpace(text))
	return slices.ContainsFunc([]string{p.Name, p.Email, p.Firm.Label()}, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// Holds says whether a person holds a role in an organization from a source:
// the same one must be all that is asked for. What is empty is not asked for.
func (p Person) Holds(organization, role, source string) bool {
	if organization == "" && role == "" && source == "" {
		return true
	}
	return slices.ContainsFunc(p.Held, func(h Held) bool {
		return (organization == "" || h.Organization == organization) && (role == "" || h.RoleID == role) && (source == "" || string(h.Source) == source)
	})
}

func span(g Group) string { return strconv.Itoa(len(g.Spots)) }

// named are a person's roles at a spot with the application's name, where no
// column says it.
func named(p People, ctx context.Context, person Person, s Spot) []ui.Provenance {
	tags := slices.Clone(person.Roles[s])
	if app, there := p.Registry.Applications[s.Application]; there {
		for i := range tags {
			tags[i].Role = app.Name + ": " + tags[i].Role
		}
	}
	return tags
}
