package delegation

import (
	"slices"
	"strings"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Opens says whether the delegation opens an application: one in which it gives
// a chosen role, or else one that is named, or, where all come with it, that is
// not. chosen are the delegation's roles.
func (d Delegation) Opens(application string, chosen []tenancy.Role) bool {
	return slices.ContainsFunc(chosen, func(r tenancy.Role) bool { return r.ApplicationID == application && application != "" }) ||
		d.AllApplications != slices.Contains(strings.Fields(d.NamedApplications), application)
}

// Within lists the roles that the delegation gives in one application: those
// that were chosen, or, where it opens without, the default one. all are the
// roles that the application has.
//
// A role that is not for visitors is none of them, whenever it was chosen.
func Within(d Delegation, chosen, all []tenancy.Role) (roles []tenancy.Role) {
	for _, r := range all {
		if r.Delegable() && slices.ContainsFunc(chosen, func(c tenancy.Role) bool { return c.ID == r.ID }) {
			roles = append(roles, r)
		}
	}
	if len(roles) > 0 || len(all) == 0 || !d.Opens(all[0].ApplicationID, nil) {
		return roles
	}
	for _, r := range all {
		if r.IsDefault && r.Delegable() {
			roles = append(roles, r)
		}
	}
	return roles
}

// Prospect is what the consultant of a delegation finds in its host: his roles
// there, and the applications that he can open.
type Prospect struct {
	Roles        []tenancy.Role
	Applications []Opened // by name
}

// Opened is an application that a delegation opens, with the roles in it; none
// where the application has no default.
type Opened struct {
	tenancy.Application
	Roles []tenancy.Role
}

// prospect works out what a delegation with these roles shows. It runs confined
// to the host, or in a System transaction.
func prospect(tx *store.Tx, reg tenancy.Registry, d Delegation, chosen []tenancy.Role) (p Prospect, err error) {
	var enabled []tenancy.Enabled
	if err := tx.Where("company_id = ? AND organization_id = ?", d.CompanyID, d.OrganizationID).Order("application_id").Find(&enabled).Error; err != nil {
		return p, err
	}
	return look(reg, enabled, d, chosen), nil
}

// look is prospect for applications that were read before.
func look(reg tenancy.Registry, enabled []tenancy.Enabled, d Delegation, chosen []tenancy.Role) (p Prospect) {
	for _, r := range chosen {
		if r.Level == models.OrganizationLevel && r.Delegable() {
			p.Roles = append(p.Roles, r)
		}
	}
	for _, e := range enabled {
		if d.Opens(e.ApplicationID, chosen) && !reg.Applications[e.ApplicationID].NotForVisitors {
			p.Applications = append(p.Applications, Opened{reg.Applications[e.ApplicationID],
				Within(d, chosen, reg.At(models.ApplicationLevel, e.ApplicationID))})
		}
	}
	slices.SortStableFunc(p.Applications, func(a, b Opened) int { return strings.Compare(a.Name, b.Name) })
	return p
}

// prospectOf is prospect with the registry of now.
func prospectOf(tx *store.Tx, d Delegation, chosen []tenancy.Role) (Prospect, error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return Prospect{}, err
	}
	return prospect(tx, reg, d, chosen)
}

// beyond says whether this shows something that another prospect does not: a
// role, or an application. What a member may do comes with every role in the
// organization, so being a member goes beyond having none alone.
func (p Prospect) beyond(other Prospect) bool {
	roles := p.Roles
	if len(other.Roles) > 0 {
		roles = slices.DeleteFunc(slices.Clone(roles), func(r tenancy.Role) bool { return r.ID == tenancy.Member })
	}
	if more(roles, other.Roles) {
		return true
	}
	return slices.ContainsFunc(p.Applications, func(a Opened) bool {
		i := slices.IndexFunc(other.Applications, func(b Opened) bool { return a.ID == b.ID })
		return i < 0 || more(a.Roles, other.Applications[i].Roles)
	})
}

func more(roles, than []tenancy.Role) bool {
	return slices.ContainsFunc(roles, func(r tenancy.Role) bool {
		return !slices.ContainsFunc(than, func(o tenancy.Role) bool { return o.ID == r.ID })
	})
}
