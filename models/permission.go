package models

import "slices"

// Level is where a role, a permission or a connector's target stands.
type Level string

// The levels, from wide to narrow. AccountLevel is a person's own things.
const (
	PlatformLevel     Level = "platform"
	CompanyLevel      Level = "company"
	OrganizationLevel Level = "organization"
	ApplicationLevel  Level = "application"
	AccountLevel      Level = "account"
)

// Permission is one thing that a role allows. Roles hold sets of them; domain
// operations name the one they need.
type Permission string

// The permissions. An operation that is confined to an organization needs one
// of the organization's, and so on.
const (
	// OwnAccount is what each signed-in person may do to what is his own.
	OwnAccount Permission = "account.own"

	ViewOrganization   Permission = "organization.view"
	ManageOrganization Permission = "organization.manage"
	ViewMembers        Permission = "members.view"
	ManageMembers      Permission = "members.manage"
	ManageSuperusers   Permission = "superusers.manage"
	ManageDelegations  Permission = "delegations.manage"
	ViewApplications   Permission = "applications.view"
	ManageApplications Permission = "applications.manage"
	ViewActivity       Permission = "activity.view"
	// ManageOwnWebhooks is over the webhooks of an organization, which tell of it
	// alone.
	ManageOwnWebhooks Permission = "organization_webhooks.manage"
	// ViewSecrets lists an organization's secrets without their values; UseSecrets
	// reveals and uses those; ManageSecrets makes, replaces and removes them. Each of
	// the latter two holds the first.
	ViewSecrets   Permission = "secrets.view"
	UseSecrets    Permission = "secrets.use"
	ManageSecrets Permission = "secrets.manage"
	// ViewUsage is over what was used in an organization, by whom, and what it comes
	// to; ManageUsage over what of it is in quarantine.
	ViewUsage   Permission = "usage.view"
	ManageUsage Permission = "usage.manage"

	ViewCompany         Permission = "company.view"
	ManageCompany       Permission = "company.manage"
	ManageOrganizations Permission = "organizations.manage"
	ManagePeople        Permission = "people.manage"
	ManageConnectors    Permission = "connectors.manage"
	ManageConnections   Permission = "connections.manage"
	ManageCertificates  Permission = "certificates.manage" // of connections that are there; in ManageConnections
	ManageDirectory     Permission = "directory.manage"    // in ManageConnections
	ManageDomains       Permission = "domains.manage"
	ManageRoles         Permission = "roles.manage"
	ManageWebhooks      Permission = "webhooks.manage"
	ManageTokens        Permission = "api_tokens.manage"
	ViewCompanyActivity Permission = "company_activity.view"
	// ViewCompanyUsage is over the usage of every organization of a company;
	// ManageMeters over its meters, their prices, and what is in quarantine.
	ViewCompanyUsage Permission = "company_usage.view"
	ManageMeters     Permission = "meters.manage"

	// HandOverSetUp makes set-up links. No role names it: who manages connections
	// by a role of his own has it, and who does by a Mandate has not.
	HandOverSetUp Permission = "set_up.hand_over"

	// OperatePlatform is the operators' permission over the installation.
	OperatePlatform Permission = "platform.operate"
)

// OrganizationPermissions and CompanyPermissions list what roles of that level
// can hold, in the order in which screens show them.
var (
	OrganizationPermissions = []Permission{ViewOrganization, ViewMembers, ViewApplications, ViewActivity, ViewSecrets, UseSecrets,
		ManageMembers, ManageSuperusers, ManageDelegations, ManageApplications, ManageOwnWebhooks, ManageSecrets, ViewUsage, ManageUsage, ManageOrganization}
	CompanyPermissions = []Permission{ViewCompany, ViewCompanyActivity, ManagePeople, ManageOrganizations, ManageRoles,
		ManageConnectors, ManageConnections, ManageCertificates, ManageDirectory, ManageDomains, ManageWebhooks, ManageTokens, ViewCompanyUsage, ManageMeters, ManageCompany}
)

// deniedToVisitors can never be done through a delegation, whatever its roles
// say: a visitor may not widen his own way in, nor touch what keeps others out, nor
// leave behind what goes on telling of the host once he is gone. Keys are among
// what he may not change: he may use the host's secrets, and not put others in
// their place.
var deniedToVisitors = []Permission{ManageDelegations, ManageSuperusers, ManageMembers, ManageOrganization, ManageOwnWebhooks, ManageSecrets, ManageUsage}

// Level is where the permission is exercised, and so what an operation that
// needs it is confined to.
func (p Permission) Level() Level {
	switch {
	case p == OwnAccount:
		return AccountLevel
	case p == OperatePlatform:
		return PlatformLevel
	case p == HandOverSetUp, slices.Contains(CompanyPermissions, p):
		return CompanyLevel
	default:
		return OrganizationLevel
	}
}

// DeniedToVisitors says whether nobody may do this through a delegation. Every
// permission of the company and the platform is denied as well.
func (p Permission) DeniedToVisitors() bool {
	return p.Level() == CompanyLevel || p.Level() == PlatformLevel || slices.Contains(deniedToVisitors, p)
}

// Permissions is a set of permissions.
type Permissions []Permission

// Has says whether the permission is in the set.
func (s Permissions) Has(p Permission) bool { return slices.Contains(s, p) }

// With is the union of two sets.
func (s Permissions) With(more ...Permission) Permissions {
	for _, p := range more {
		if !s.Has(p) {
			s = append(s, p)
		}
	}
	return s
}

// ForVisitors is the set less everything that is denied to visitors.
func (s Permissions) ForVisitors() Permissions {
	return slices.DeleteFunc(slices.Clone(s), Permission.DeniedToVisitors)
}
