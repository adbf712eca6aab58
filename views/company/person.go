package company

import (
	"context"
	"net/url"
	"slices"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/organization"
	"locum/views/ui"
)

// OnePerson is what the page of one person in a company shows.
type OnePerson struct {
	ID            string
	Company       string
	Member        *tenancy.Membership       // nil for somebody from outside alone
	Delegations   []delegation.Details      // through which he works there
	Known         *provisioning.KnownPerson // nil for somebody whom no source knows
	Names         []federation.Linked       // at providers, for who manages people
	Origins       provisioning.Origins      // what each source said, for who writes rules
	Organizations []tenancy.Organization
	Sources       organization.Sources
	Fights        map[string]bool // ids of grants by hand that connectors would take
	Manage        bool            // the reader may give and take roles
	Removable     bool            // and take everything at once
	Passkeys      int             // of who belongs here, for who may reset them
	Audit         bool            // the reader may see the company's activity
	Now           time.Time
}

func (p OnePerson) name() string {
	if p.Member != nil {
		return p.Member.Person.Name
	}
	if len(p.Delegations) == 0 {
		return p.Known.Person.Name
	}
	return p.Delegations[0].Person()
}

// Who is his name.
func (p OnePerson) Who() string { return p.name() }

func (p OnePerson) email() string {
	if p.Member != nil {
		return p.Member.Person.Email
	}
	if len(p.Delegations) == 0 {
		return p.Known.Person.Email
	}
	return p.Delegations[0].Email
}

// keptOut is the block that keeps him out, or nil.
func (p OnePerson) keptOut() *tenancy.Block {
	if p.Known == nil {
		return nil
	}
	return p.Known.Block
}

// roleless says that the company knows him and he can work nowhere in it.
func (p OnePerson) roleless() bool { return p.Member == nil && len(p.Delegations) == 0 }

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

// Unlinking is what the question shows whether to part a name at a provider from
// somebody.
type Unlinking struct {
	OnePerson
	Name federation.Linked
}

// forgets says that nothing else ties him to the company: without the name it
// does not know him.
func (u Unlinking) forgets() bool { return u.roleless() && u.keptOut() == nil && len(u.Names) == 1 }

// byRules are his roles that connectors gave.
func (u Unlinking) byRules() (list []tenancy.Grant) {
	if u.Member == nil {
		return nil
	}
	for _, g := range u.Member.Grants {
		if g.Source == tenancy.Rule {
			list = append(list, g)
		}
	}
	return list
}

// Offboarding is what the question shows whether to remove somebody from the
// company.
type Offboarding struct {
	OnePerson
	Sessions int  // that end
	OnBehalf int  // delegations elsewhere that are suspended
	KeepOut  bool // is asked for
	Problem  *models.Message
}

// title is the question.
func (o Offboarding) title(ctx context.Context) string {
	if o.Member == nil {
		return i18n.T(ctx, "company.block.title", "Name", o.name(), "Company", o.Company)
	}
	return i18n.T(ctx, "company.offboard.title", "Name", o.name(), "Company", o.Company)
}

// provided says that connectors or a directory give him roles.
func (o Offboarding) provided() bool {
	return o.Member != nil && slices.ContainsFunc(o.Member.Grants, func(g tenancy.Grant) bool {
		return g.Source == tenancy.Rule || g.Source == tenancy.FromDirectory
	})
}

// removeLabel is what removing somebody is called: who holds no role can only be
// kept out.
func removeLabel(ctx context.Context, p OnePerson) string {
	if p.Member == nil {
		return i18n.T(ctx, "company.block")
	}
	return i18n.T(ctx, "company.offboard")
}

// seenAt says when somebody came in by a name last.
func seenAt(ctx context.Context, now time.Time, at *models.Instant) string {
	if at == nil {
		return i18n.T(ctx, "company.names.never")
	}
	return i18n.T(ctx, "company.names.last", "When", i18n.From(ctx).ShortDateTime(now, at.Time))
}
