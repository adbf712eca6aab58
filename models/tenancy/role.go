package tenancy

import (
	"context"
	"encoding/json"
	"slices"

	"locum/models"
	"locum/models/store"
)

// The built-in roles, by id.
const (
	Manager   = "rol_manager"   // the highest in a company
	Employee  = "rol_employee"  // the company's default
	Superuser = "rol_superuser" // the highest in an organization
	Member    = "rol_member"    // the organization's default
)

// Role is what somebody can be at a level: a set of permissions with a name.
type Role struct {
	ID            string `gorm:"primaryKey"`
	Level         models.Level
	ApplicationID string
	Key           string
	Name          string
	Description   string
	Permissions   string // JSON list; see Allows
	BuiltIn       bool
	IsDefault     bool
	Sort          int
	FamilyID      string // of its Family; empty for none
	Rank          int    // its place in the family, from 1: the first that a person is given counts
	// NotForVisitors says that nobody gets it through a delegation, nor keeps it
	// there once it is so.
	NotForVisitors bool
	CreatedAt      models.Instant
	DeletedAt      *models.Instant // then nobody is given it any more, and nobody holds it
}

// TableName is the table of roles.
func (Role) TableName() string { return "roles" }

// memberMay is what every member of an organization may do.
var memberMay = models.Permissions{models.ViewOrganization, models.ViewMembers, models.ViewApplications, models.ViewActivity}

// Allows is what the role allows. Superusers and managers may do everything at
// their level, new permissions included.
func (r Role) Allows() models.Permissions {
	if r.DeletedAt != nil {
		return nil
	}
	switch r.ID {
	case Manager:
		return models.CompanyPermissions
	case Superuser:
		return models.OrganizationPermissions
	case Member:
		return memberMay
	}
	var held models.Permissions
	if json.Unmarshal([]byte(r.Permissions), &held) != nil {
		return nil // an unreadable role allows nothing
	}
	if r.Level == models.OrganizationLevel {
		return memberMay.With(held...)
	}
	return held
}

// Delegable says whether the role can be given through a delegation.
func (r Role) Delegable() bool {
	return r.Level != models.CompanyLevel && r.ID != Superuser && !r.NotForVisitors
}

// Application is something used inside organizations.
type Application struct {
	ID          string `gorm:"primaryKey"`
	Key         string
	Name        string
	Description string
	Icon        string
	// NotForVisitors says that nobody uses it through a delegation.
	NotForVisitors bool
	CreatedAt      models.Instant
}

// TableName is the table of applications.
func (Application) TableName() string { return "applications" }

// Enabled says that an organization uses an application.
type Enabled struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string `gorm:"primaryKey"`
	ApplicationID  string `gorm:"primaryKey"`
	EnabledAt      models.Instant
}

// TableName is the table of applications in use.
func (Enabled) TableName() string { return "organization_applications" }

// Registry is the platform's roles and applications, by id.
type Registry struct {
	Roles        map[string]Role
	Past         map[string]Role // that were deleted, for what was written down about them
	Applications map[string]Application
	Families     map[string]Family
	RoleOrder    []string // ids by level, application and place
}

var levels = []models.Level{models.CompanyLevel, models.OrganizationLevel, models.ApplicationLevel}

// LoadRegistry reads the whole registry: it is small, and the same for all.
func LoadRegistry(tx *store.Tx) (Registry, error) {
	reg, err := LoadRoles(tx)
	if err != nil {
		return Registry{}, err
	}
	var applications []Application
	if err := tx.Order("name").Find(&applications).Error; err != nil {
		return Registry{}, err
	}
	for _, a := range applications {
		reg.Applications[a.ID] = a
	}
	reg.Families, err = loadFamilies(tx)
	return reg, err
}

// LoadRoles reads the registry without its applications and families, for what
// asks only what a role allows.
func LoadRoles(tx *store.Tx) (Registry, error) {
	var roles []Role
	if err := tx.Order("application_id, sort, name").Find(&roles).Error; err != nil {
		return Registry{}, err
	}
	// From wide to narrow, as screens list them.
	slices.SortStableFunc(roles, func(a, b Role) int { return slices.Index(levels, a.Level) - slices.Index(levels, b.Level) })
	reg := Registry{Roles: make(map[string]Role, len(roles)), Past: map[string]Role{}, Applications: map[string]Application{}}
	for _, r := range roles {
		if r.DeletedAt != nil {
			reg.Past[r.ID] = r
			continue
		}
		reg.Roles[r.ID] = r
		reg.RoleOrder = append(reg.RoleOrder, r.ID)
	}
	return reg, nil
}

// At lists the roles of a level and, there, of an application, in order.
func (reg Registry) At(level models.Level, application string) (roles []Role) {
	for _, id := range reg.RoleOrder {
		if r := reg.Roles[id]; r.Level == level && r.ApplicationID == application {
			roles = append(roles, r)
		}
	}
	return roles
}

// Named finds a role, also one that was deleted since: for names in what is
// over, and never for what somebody may do.
func (reg Registry) Named(id string) (Role, bool) {
	if r, there := reg.Roles[id]; there {
		return r, true
	}
	r, there := reg.Past[id]
	return r, there
}

// Registry reads the registry in the actor's name.
func (c *Companies) Registry(ctx context.Context, by models.Actor) (reg Registry, err error) {
	err = c.store.Read(ctx, by, models.OwnAccount, func(tx *store.Tx) error {
		reg, err = LoadRegistry(tx)
		return err
	})
	return reg, err
}
