package layout

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/views/i18n"
)

// link is one line of the navigation. It is shown to those who hold one of its
// permissions, or to all when it names none.
type link struct {
	key, icon, href string
	needs           []models.Permission
}

// group is a part of the navigation with a head, or without one when key is
// empty.
type group struct {
	key   string
	links []link
}

func needs(permissions ...models.Permission) []models.Permission { return permissions }

var organizationNavigation = []group{
	{"", []link{{"layout.nav.overview", "layout-dashboard", "/", needs(models.ViewOrganization)}}},
	{"layout.nav.access", []link{
		{"layout.nav.members", "users", "/members", needs(models.ViewMembers)},
		{"layout.nav.delegations", "org-via", "/delegations", needs(models.ManageDelegations)},
		{"layout.nav.visitors", "door-open", "/visitors", needs(models.ManageDelegations)},
		{"layout.nav.applications", "blocks", "/applications", needs(models.ViewApplications)},
	}},
	{"layout.nav.machines", []link{
		{"layout.nav.secrets", "lock", "/secrets", needs(models.ViewSecrets)},
		{"layout.nav.webhooks", "webhook", "/webhooks", needs(models.ManageOwnWebhooks)},
		{"layout.nav.api_tokens", "key-round", "/organization/api-tokens", needs(models.ManageDelegations)},
	}},
	{"layout.nav.insight", []link{
		{"layout.nav.activity", "history", "/activity", needs(models.ViewActivity)},
		{"layout.nav.usage", "chart-column", "/usage", needs(models.ViewUsage)},
	}},
}

var companyNavigation = []group{
	{"", []link{
		{"layout.nav.overview", "layout-dashboard", "/company", needs(models.ViewCompany)},
		{"layout.nav.organizations", "org-own", "/company/organizations", needs(models.ViewCompany, models.ManageOrganizations)},
		{"layout.nav.people", "users", "/company/people", needs(models.ViewCompany, models.ManagePeople)},
		{"layout.nav.roles", "id-card", "/company/roles", needs(models.ViewCompany, models.ManageRoles)},
		{"layout.nav.consultants", "org-via", "/company/consultants", needs(models.ManagePeople)},
	}},
	{"layout.nav.provisioning", []link{
		{"layout.nav.sso", "shield-check", "/company/single-sign-on", needs(models.ManageConnections, models.ManageCertificates)},
		{"layout.nav.directory", "folder-sync", "/company/directory", needs(models.ManageDirectory)},
		{"layout.nav.connectors", "route", "/company/connectors", needs(models.ManageConnectors)},
		{"layout.nav.domains", "at-sign", "/company/domains", needs(models.ManageDomains)},
	}},
	{"layout.nav.machines", []link{
		{"layout.nav.webhooks", "webhook", "/company/webhooks", needs(models.ManageWebhooks)},
		{"layout.nav.api_tokens", "key-round", "/company/api-tokens", needs(models.ManageTokens)},
	}},
	{"layout.nav.insight", []link{
		{"layout.nav.activity", "history", "/company/activity", needs(models.ViewCompanyActivity)},
		{"layout.nav.usage", "chart-column", "/company/usage", needs(models.ViewCompanyUsage)},
		{"layout.nav.meters", "gauge", "/company/meters", needs(models.ManageMeters)},
	}},
}

// mandateNavigation goes before that of the company, for who sets it up by a
// mandate alone: an overview of what he may do.
var mandateNavigation = []group{{"", []link{{"layout.nav.set_up", "list-checks", "/set-up", nil}}}}

var platformNavigation = []group{
	{"", []link{
		{"layout.nav.overview", "layout-dashboard", "/platform", needs(models.OperatePlatform)},
		{"layout.nav.roles", "id-card", "/platform/roles", needs(models.OperatePlatform)},
		{"layout.nav.applications", "blocks", "/platform/applications", needs(models.OperatePlatform)},
	}},
	{"layout.nav.machines", []link{{"layout.nav.webhooks", "webhook", "/platform/webhooks", needs(models.OperatePlatform)}}},
	{"layout.nav.insight", []link{
		{"layout.nav.usage", "chart-column", "/platform/usage", needs(models.OperatePlatform)},
		{"layout.nav.meters", "gauge", "/platform/meters", needs(models.OperatePlatform)},
	}},
}

// navigation is what the person may open in the area of the page.
func (f Frame) navigation() []group {
	all := organizationNavigation
	switch {
	case f.Actor.Mandate != nil:
		all = slices.Concat(mandateNavigation, companyNavigation)
	case f.Area == CompanyArea, f.Actor.Effective.Organization == "" && f.Area != PlatformArea:
		all = companyNavigation
	case f.Area == PlatformArea:
		all = platformNavigation
	}
	var open []group
	for _, g := range all {
		var links []link
		for _, l := range g.links {
			if f.mayOpen(l) {
				links = append(links, l)
			}
		}
		if len(links) > 0 {
			open = append(open, group{g.key, links})
		}
	}
	return open
}

// ways are the links at the foot: to the other areas the person may open.
func (f Frame) ways() []link {
	var ways []link
	if f.Actor.Mandate != nil {
		return nil // the banner leads out
	}
	if f.Area == CompanyArea || f.Area == PlatformArea {
		if f.Actor.Effective.Organization != "" {
			ways = append(ways, link{"layout.nav.back", "arrow-left", "/", nil})
		}
	}
	if f.Area != CompanyArea && !f.Actor.Visiting() && f.Actor.Effective.Company != "" {
		ways = append(ways, link{"layout.nav.company_settings", "building-2", "/company", needs(models.ViewCompany)})
	}
	if f.Area != PlatformArea && !f.Actor.Visiting() {
		ways = append(ways, link{"layout.nav.platform", "server", "/platform", needs(models.OperatePlatform)})
	}
	var open []link
	for _, way := range ways {
		if f.mayOpen(way) {
			open = append(open, way)
		}
	}
	return open
}

func (f Frame) mayOpen(l link) bool {
	for _, permission := range l.needs {
		if f.Actor.May(permission) {
			return true
		}
	}
	return len(l.needs) == 0
}

// current says whether the page belongs to the link. The overviews stand for
// themselves alone.
func (f Frame) current(l link) bool {
	path, _, _ := strings.Cut(f.Path, "?")
	if l.href == "/company/directory" || l.href == "/company/connectors" {
		if ofConnectors(path) {
			return l.href == "/company/connectors"
		}
	}
	if path == l.href || l.href == "/platform/roles" && strings.HasPrefix(path, "/platform/families/") {
		return true
	}
	if l.href == "/delegations" && (strings.HasPrefix(path, "/firms") || strings.HasPrefix(path, "/delegation-requests")) {
		return true
	}
	overview := l.href == "/" || l.href == "/company" || l.href == "/platform"
	return !overview && strings.HasPrefix(path, l.href+"/")
}

// at says whether the page is the one at an address.
func (f Frame) at(address string) bool {
	path, _, _ := strings.Cut(f.Path, "?")
	return path == address
}

// ofConnectors says whether a page under the directory's address shows
// connectors: the roles by group, and the move of rules to its groups.
func ofConnectors(path string) bool {
	const mapping, migrate = "/company/directory/mapping", "/company/directory/migrate"
	return path == migrate || path == mapping || strings.HasPrefix(path, mapping+"/")
}

// areaName is the name of the navigation, read aloud and shown on a narrow
// screen.
func (f Frame) areaName(ctx context.Context) string {
	switch f.Area {
	case CompanyArea:
		return i18n.T(ctx, "layout.nav.company")
	case PlatformArea:
		return i18n.T(ctx, "layout.nav.platform")
	}
	return i18n.T(ctx, "layout.nav.organization")
}

// aside is what the top bar names beside the organization, with its icon:
// the company or the platform, in their areas.
func (f Frame) aside(ctx context.Context) (icon, name string) {
	switch f.Area {
	case CompanyArea:
		return "building-2", f.Actor.Effective.CompanyName
	case PlatformArea:
		return "server", i18n.T(ctx, "layout.nav.platform")
	}
	return "", ""
}
