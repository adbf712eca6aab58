package company

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/activity"
	"locum/views/i18n"
	"locum/views/organization"
	"locum/views/provisioning"
)

// Overview is what the first page of a company shows. A nil number is not for
// this reader.
type Overview struct {
	Company       string
	Organizations []tenancy.Census
	People        int
	External      int
	Connectors    *Figure
	Connections   *Figure
	Warnings      provisioning.Warnings
	Events        []event.Event
	Names         activity.Names
	ShowEvents    bool
	New           bool // the reader may make organizations
	Now           time.Time
}

// Figure is how many there are of something, how many of these are on, and when
// it last worked.
type Figure struct {
	Count, On int
	Last      time.Time
}

// connections says in words how single sign-on does.
func (o Overview) connections(ctx context.Context) string {
	switch f := o.Connections; {
	case f.Count == 0:
		return i18n.T(ctx, "company.tile.sso.none")
	case f.On == 0:
		return i18n.T(ctx, "company.tile.sso.off")
	case f.Last.IsZero():
		return i18n.T(ctx, "company.tile.sso.never")
	default:
		return i18n.T(ctx, "company.tile.sso.last", "When", i18n.From(ctx).Relative(o.Now, f.Last))
	}
}

// Organizations is what the list of a company's organizations shows.
type Organizations struct {
	Company string
	List    []tenancy.Census
	Here    string // id of where the reader works
	New     bool
	Places  map[string]bool // ids of where he may switch to
}

// NewOrganization is what the form of another organization shows.
type NewOrganization struct {
	Company  string
	Name     string
	TimeZone string
	Wrong    models.FieldErrors
}

// Roles is what the page of roles shows: to managers of a company what there
// is, and to operators how far each has spread, and the ways to change it.
type Roles struct {
	Registry tenancy.Registry
	Operates bool
	Held     map[string]tenancy.Holding // for operators
}

// level is one table of roles.
type level struct {
	id, title   string
	at          models.Level
	application string
	roles       []tenancy.Role
	add         string // the address of the form of another
}

// levels are the company's and the organization's roles, then those of each
// application by name.
func (r Roles) levels(ctx context.Context) []level {
	list := []level{
		{"company", i18n.T(ctx, "company.roles.company"), models.CompanyLevel, "", r.Registry.At(models.CompanyLevel, ""), "/platform/roles/new?level=company"},
		{"organization", i18n.T(ctx, "company.roles.organization"), models.OrganizationLevel, "", r.Registry.At(models.OrganizationLevel, ""), "/platform/roles/new?level=organization"},
	}
	for _, app := range sorted(r.Registry) {
		list = append(list, level{app.ID, app.Name, models.ApplicationLevel, app.ID, r.Registry.At(models.ApplicationLevel, app.ID),
			"/platform/roles/new?level=application&application=" + app.ID})
	}
	return list
}

func sorted(reg tenancy.Registry) []tenancy.Application {
	return slices.SortedFunc(maps.Values(reg.Applications), func(a, b tenancy.Application) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
}

// allowed is what a role may do, as a list of words.
func allowed(ctx context.Context, r tenancy.Role) []string { return organization.Allowed(ctx, r) }

// Platform is what operators see of the installation.
type Platform struct{ Companies []tenancy.Held }

func (p Platform) organizations() (n int) {
	for _, c := range p.Companies {
		n += len(c.Organizations)
	}
	return n
}

// members counts memberships: somebody who belongs to two organizations counts
// twice.
func members(list []tenancy.Census) (n int) {
	for _, o := range list {
		n += o.Members
	}
	return n
}
