// Package company shows a company from above: its organizations, everyone who
// can work in any of them and why, and the roles there are. The overview of the
// platform's operators stands here too. What a reader may not do is left out;
// nothing here decides it.
package company

import (
	"cmp"
	"context"
	"net/url"
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
	"locum/views/sheet"
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

// People is what the list of a company's people shows.
type People struct {
	Company      string
	Groups       []Group
	List         []Person
	Page         models.Page
	Found        int // that fit the filter
	All          int
	Internal     int
	Roleless     int
	KeptOut      int
	Waits        int // for a seat
	Seating      tenancy.Seating
	Query, Kind  string
	Registry     tenancy.Registry
	Organization string // id, to narrow to
	Role, Source string // to narrow to: a role's id, and where it comes from
	Now          time.Time
}

// The kinds of people, as the address says them.
const (
	Inside  = "internal"
	Outside = "external"
	NoRole  = "no_role"
	KeptOut = "kept_out"
	Waiting = "waiting" // for a seat
)

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

func (p People) address(kind string, page int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": p.Query, "kind": kind, "organization": p.Organization, "role": p.Role, "source": p.Source} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/company/people"
	}
	return "/company/people?" + q.Encode()
}

func (p People) filtered() bool {
	return p.Query != "" || p.Kind != "" || p.Organization != "" || p.Role != "" || p.Source != ""
}

func (p People) tabs(ctx context.Context) []ui.Tab {
	tabs := []ui.Tab{
		{Text: i18n.T(ctx, "company.people.all"), Href: p.address("", 1), Count: p.All, Counted: true, Current: p.Kind == ""},
		{Text: i18n.T(ctx, "company.people.internal"), Href: p.address(Inside, 1), Count: p.Internal, Counted: true, Current: p.Kind == Inside},
		{Text: i18n.T(ctx, "company.people.external"), Href: p.address(Outside, 1), Count: p.All - p.Internal, Counted: true, Current: p.Kind == Outside},
		{Text: i18n.T(ctx, "company.people.roleless"), Href: p.address(NoRole, 1), Count: p.Roleless, Counted: true, Current: p.Kind == NoRole},
	}
	if p.KeptOut > 0 || p.Kind == KeptOut {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "company.people.kept_out"), Href: p.address(KeptOut, 1), Count: p.KeptOut, Counted: true, Current: p.Kind == KeptOut})
	}
	if p.Waits > 0 || p.Kind == Waiting {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "seat.tab"), Href: p.address(Waiting, 1), Count: p.Waits, Counted: true, Current: p.Kind == Waiting})
	}
	return tabs
}

// text is the line below the title: who is on the list, and how the seats are
// used where there is a number of them.
func (p People) text(ctx context.Context) string {
	text := i18n.T(ctx, "company.people.text", "Company", p.Company)
	if p.Seating.Number > 0 {
		text += " " + seatLine(ctx, p.Seating) + "."
	}
	return text
}

func (p People) previous() string {
	if p.Page.Number <= 1 {
		return ""
	}
	return p.address(p.Kind, p.Page.Number-1)
}

func (p People) next() string {
	if p.Page.Offset()+len(p.List) >= p.Found {
		return ""
	}
	return p.address(p.Kind, p.Page.Number+1)
}

// shown is "1 to 50 of 231 people".
func (p People) shown(ctx context.Context) string {
	l := i18n.From(ctx)
	return l.N("company.people.shown", p.Found, "From", l.Number(p.Page.Offset()+1), "To", l.Number(p.Page.Offset()+len(p.List)))
}

// title is what a column of an organization is called.
func (p People) title(ctx context.Context, s Spot) string {
	if app, there := p.Registry.Applications[s.Application]; there {
		return app.Name
	}
	if s.Organization == "" {
		return i18n.T(ctx, "company.people.company")
	}
	return i18n.T(ctx, "company.people.organization")
}

func (p People) organizations(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.people.any_organization")}}
	for _, g := range p.Groups {
		if g.Organization.ID != "" {
			options = append(options, ui.Option{Value: g.Organization.ID, Label: g.Organization.Name})
		}
	}
	return options
}

// export is the address of the list as a file, narrowed alike.
func (p People) export() string {
	return strings.Replace(p.address(p.Kind, 1), "/company/people", "/company/people/export", 1)
}

// roles are those that anybody can have, each with its application.
func (p People) roles(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.people.any_role")}}
	for _, id := range p.Registry.RoleOrder {
		r := p.Registry.Roles[id]
		label := i18n.Role(ctx, r.Name)
		if app, there := p.Registry.Applications[r.ApplicationID]; there {
			label = app.Name + ": " + label
		}
		options = append(options, ui.Option{Value: id, Label: label})
	}
	return options
}

func (p People) sources(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.people.any_source")}}
	for _, s := range []tenancy.Source{tenancy.Rule, tenancy.FromDirectory, tenancy.Manual, tenancy.FromDefault, tenancy.ByDelegation} {
		options = append(options, ui.Option{Value: string(s), Label: i18n.T(ctx, "common.provenance."+string(s))})
	}
	return options
}

// head of the file: for machines, and so the same in every language.
var peopleColumns = []string{"name", "email", "account_id", "kind", "firm", "last_seen", "organization", "organization_id", "application", "role", "role_id",
	"source", "why", "since", "until"}

// PeopleCSV writes one row for each role of each person on the list, and one for
// who holds none, as a file for spreadsheets. Instants are in UTC.
func PeopleCSV(p People) ([]byte, error) {
	names := map[string]string{}
	for _, g := range p.Groups {
		names[g.Organization.ID] = g.Organization.Name
	}
	instant := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	rows := [][]string{peopleColumns}
	for _, one := range p.List {
		kind := Inside
		if one.External {
			kind = Outside
		}
		if len(one.Held) == 0 {
			rows = append(rows, append([]string{one.Name, one.Email, one.ID, kind, "", instant(one.SeenAt)}, make([]string, len(peopleColumns)-6)...))
		}
		for _, h := range one.Held {
			until := ""
			if h.Until != nil {
				until = instant(h.Until.Time)
			}
			rows = append(rows, []string{one.Name, one.Email, one.ID, kind, one.Firm.Label(), instant(one.SeenAt), names[h.Organization], h.Organization,
				p.Registry.Applications[h.Application].Name, h.Role, h.RoleID, string(h.Source), h.Why, instant(h.Since.Time), until})
		}
	}
	return sheet.CSV(rows)
}

func span(g Group) string { return strconv.Itoa(len(g.Spots)) }

// party is an organization as a tile with a name.
func party(o tenancy.Organization) models.Party {
	return models.Party{Company: o.CompanyID, Organization: o.ID, Name: o.Name, Hue: o.Hue}
}

func seen(ctx context.Context, now, at time.Time) string {
	if at.IsZero() {
		return i18n.T(ctx, "organization.seen.never")
	}
	return i18n.From(ctx).Relative(now, at)
}

func hue(o tenancy.Organization) string { return strconv.Itoa(max(1, o.Hue)) }

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
