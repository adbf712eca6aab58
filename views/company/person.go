package company

import (
	"context"
	"net/url"
	"slices"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/organization"
	"locum/views/ui"
)

// OnePerson is what the page of one person in a company shows.
type OnePerson struct {
	ID            string
	Company       string
	Member        *tenancy.Membership  // nil for somebody from outside alone
	Delegations   []delegation.Details // through which he works there
	Organizations []tenancy.Organization
	Sources       organization.Sources
	Fights        map[string]bool // ids of grants by hand that connectors would take
	Manage        bool            // the reader may give and take roles
	Removable     bool            // and take everything at once
	Audit         bool            // the reader may see the company's activity
	Now           time.Time
}

func (p OnePerson) name() string {
	if p.Member != nil {
		return p.Member.Person.Name
	}
	return p.Delegations[0].Person()
}

func (p OnePerson) email() string {
	if p.Member != nil {
		return p.Member.Person.Email
	}
	return p.Delegations[0].Email
}

func (p OnePerson) organization(id string) tenancy.Organization {
	for _, o := range p.Organizations {
		if o.ID == id {
			return o
		}
	}
	return tenancy.Organization{}
}

// place is where somebody holds roles, with those.
type place struct {
	title  string
	grants []tenancy.Grant
}

// places are the company and its organizations in which he holds anything.
func (p OnePerson) places() (list []place) {
	if p.Member == nil {
		return nil
	}
	add := func(title, organization string) {
		var grants []tenancy.Grant
		for _, g := range p.Member.Grants {
			if g.OrganizationID == organization {
				grants = append(grants, g)
			}
		}
		if len(grants) > 0 {
			list = append(list, place{title, grants})
		}
	}
	add(p.Company, "")
	for _, o := range p.Organizations {
		add(o.Name, o.ID)
	}
	return list
}

// in names what a role stands in: an application, or the place itself.
func (p OnePerson) in(ctx context.Context) func(tenancy.Grant) string {
	return func(g tenancy.Grant) string {
		if app, there := p.Sources.Registry.Applications[g.ApplicationID]; there {
			return app.Name
		}
		if g.OrganizationID == "" {
			return i18n.T(ctx, "company.people.company")
		}
		return i18n.T(ctx, "company.people.organization")
	}
}

// until is when a delegation ends, and how long that is.
func until(ctx context.Context, d delegation.Details) string {
	if d.EndsAt == nil {
		return i18n.T(ctx, "common.time.endless")
	}
	return i18n.From(ctx).DateTime(d.EndsAt.Time)
}

// why is where a role is explained.
func (p OnePerson) why(g tenancy.Grant) string {
	return "/company/people/" + p.ID + "/why?role=" + url.QueryEscape(g.OrganizationID+Apart+g.ApplicationID+Apart+g.RoleID)
}

// head are the columns of his roles at a place.
func (p OnePerson) head(ctx context.Context) []ui.Column {
	head := []ui.Column{{Title: i18n.T(ctx, "organization.members.role")}, {Title: i18n.T(ctx, "organization.member.in")},
		{Title: i18n.T(ctx, "organization.member.from")}, {Title: i18n.T(ctx, "organization.member.since")}}
	if p.Manage {
		head = append(head, ui.Column{Title: i18n.T(ctx, "common.actions"), Hidden: true, Class: "fit"})
	}
	return head
}

// Offboarding is what the question shows whether to remove somebody from the
// company.
type Offboarding struct {
	OnePerson
	Sessions int // that end
	OnBehalf int // delegations elsewhere that are suspended
	Problem  *models.Message
}

// provided says that connectors or a directory give him roles.
func (o Offboarding) provided() bool {
	return slices.ContainsFunc(o.Member.Grants, func(g tenancy.Grant) bool {
		return g.Source == tenancy.Rule || g.Source == tenancy.FromDirectory
	})
}
