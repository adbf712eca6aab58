package provisioning

import (
	"context"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// checkTarget looks up the target and the role in the actor's company, and fills
// in the role's family. What belongs to another company is answered like what
// does not exist.
func checkTarget(tx *store.Tx, in *Connector) error {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	wrong := models.FieldErrors{}
	role, there := reg.Roles[in.Role]
	if !there || role.Level != in.Target.Level || role.ApplicationID != in.Target.Application {
		wrong.Add("role", "error.choice")
	}
	if in.Target.Organization != "" {
		var found int64
		if err := tx.Model(&tenancy.Organization{}).Where("id = ?", in.Target.Organization).Count(&found).Error; err != nil {
			return err
		}
		if found == 0 {
			wrong.Add("organization", "error.choice")
		}
	}
	if in.Target.Application != "" {
		var found int64
		err := tx.Model(&tenancy.Enabled{}).Where("organization_id = ? AND application_id = ?", in.Target.Organization, in.Target.Application).Count(&found).Error
		if err != nil {
			return err
		}
		if found == 0 {
			wrong.Add("application", "error.choice")
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	in.Family, in.Rank = role.FamilyID, role.Rank
	return mayGive(tx.Actor, role)
}

// mayGive: in the company nobody gives through a rule more than he holds, lest
// he write one that matches himself. Who writes rules decides who is superuser.
func mayGive(by models.Actor, role tenancy.Role) error {
	if role.Level != models.CompanyLevel {
		return nil
	}
	return tenancy.MayGive(by, role)
}

// Targets are the places at which a company's connectors can give roles, and
// the roles there.
type Targets struct {
	tenancy.Registry
	Company       string // its name
	Organizations []tenancy.Organization
	// Uses holds, by organization, the ids of the applications that it uses.
	Uses map[string][]string
	// Groups holds the names of directory groups by the ids that rules keep.
	Groups map[string]string
}

// Targets reads the targets of the actor's company.
func (c *Connectors) Targets(ctx context.Context, by models.Actor) (t Targets, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		t, err = c.targets(tx)
		return err
	})
	return t, err
}

func (c *Connectors) targets(tx *store.Tx) (t Targets, err error) {
	t.Company, t.Uses = tx.Actor.Effective.CompanyName, map[string][]string{}
	if t.Groups, err = c.groupNames.read(tx, tx.Actor.Effective.Company); err != nil {
		return t, err
	}
	if t.Registry, err = tenancy.LoadRegistry(tx); err != nil {
		return t, err
	}
	if err := tx.Order("name, id").Find(&t.Organizations).Error; err != nil {
		return t, err
	}
	var uses []tenancy.Enabled
	if err := tx.Order("application_id").Find(&uses).Error; err != nil {
		return t, err
	}
	for _, u := range uses {
		t.Uses[u.OrganizationID] = append(t.Uses[u.OrganizationID], u.ApplicationID)
	}
	return t, nil
}

// Organization finds one of the organizations.
func (t Targets) Organization(id string) (tenancy.Organization, bool) {
	for _, o := range t.Organizations {
		if o.ID == id {
			return o, true
		}
	}
	return tenancy.Organization{}, false
}

// Role is the name of a role, and its id when it is gone.
func (t Targets) Role(id string) string {
	if r, there := t.Roles[id]; there {
		return r.Name
	}
	return id
}

// Label is the name of a target itself: of the company, the organization or the
// application. An application's organization is not in it.
func (t Targets) Label(at Target) string {
	switch at.Level {
	case models.CompanyLevel:
		return t.Company
	case models.ApplicationLevel:
		if a, there := t.Applications[at.Application]; there {
			return a.Name
		}
		return at.Application
	}
	if o, there := t.Organization(at.Organization); there {
		return o.Name
	}
	return at.Organization
}
