// Package company shows a company from above: its organizations, everyone who
// can work in any of them and why, and the roles there are. The overview of the
// platform's operators stands here too. What a reader may not do is left out;
// nothing here decides it.
package company

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

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
