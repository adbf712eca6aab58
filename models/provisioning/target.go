package provisioning

import (
	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// checkTarget looks up the target and the role in the actor's company. What
// belongs to another company is answered like what does not exist.
func checkTarget(tx *store.Tx, in Connector) error {
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
	return mayGive(tx.Actor, role)
}

// mayGive: in the company nobody gives through a rule more than he holds, lest
// he write one that matches himself.
func mayGive(by models.Actor, role tenancy.Role) error {
	if role.Level != models.CompanyLevel {
		return nil
	}
	for _, p := range role.Allows() {
		if !by.May(p) {
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(p))
		}
	}
	return nil
}
