package provisioning

import (
	"errors"
	"slices"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// keepFromLinks refuses who works by a set-up link a connector that gives, or
// gave so far, a role that manages: a company's, and of an organization one that
// is denied to visitors. With it he could make himself a manager who stays when
// the link is over. id is empty for a new connector.
func keepFromLinks(tx *store.Tx, id, role string) error {
	if !tx.Actor.ByLink() {
		return nil
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	roles := []string{role}
	if id != "" {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		roles = append(roles, row.RoleID)
	}
	return lowRoles(reg, roles...)
}

// lowRoles refuses roles that manage others.
func lowRoles(reg tenancy.Registry, roles ...string) error {
	for _, r := range roles {
		if slices.ContainsFunc(reg.Roles[r].Allows(), models.Permission.DeniedToVisitors) {
			wrong := models.FieldErrors{}
			wrong.Add("role", "provisioning.error.role_by_link", "Role", reg.Roles[r].Name)
			return wrong.Err()
		}
	}
	return nil
}

// asConflict is a refusal of a field where there is no form to show it at.
func asConflict(err error) error {
	var refused *models.Error
	if errors.As(err, &refused) && refused.Kind == models.Invalid {
		told := refused.Fields["role"]
		return &models.Error{Kind: models.Conflict, Key: told.Key, Args: told.Args}
	}
	return err
}
