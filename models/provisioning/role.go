package provisioning

import (
	"context"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// UsingRole counts the connectors of all companies that give a role, on or not.
func (c *Connectors) UsingRole(ctx context.Context, by models.Actor, role string) (count int, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		rows, err := giving(tx, role)
		count = len(rows)
		return err
	})
	return count, err
}

// giving are the connectors that give a role. It runs in a System transaction.
func giving(tx *store.Tx, role string) (rows []connectorRow, err error) {
	err = tx.Where("role_id = ? AND deleted_at IS NULL", role).Order("company_id, id").Find(&rows).Error
	return rows, err
}

// replaceRole has the connectors that gave a deleted role give the one in its
// place, each as a version of its own. The grants themselves have moved by
// then. It runs in a System transaction.
func replaceRole(tx *store.Tx, about store.About) error {
	rows, err := giving(tx, about.ID)
	if err != nil || len(rows) == 0 {
		return err
	}
	place, _ := about.Data["with"].(string)
	if place == "" {
		return tenancy.NeedsReplacement("company.error.replacement")
	}
	name, _ := about.Data["with_name"].(string)
	for _, row := range rows {
		row.RoleID, row.Version, row.UpdatedAt = place, row.Version+1, models.At(tx.Now())
		err := tx.Within(row.CompanyID, func(tx *store.Tx) error {
			err := tx.Model(&connectorRow{}).Where("id = ?", row.ID).
				Updates(map[string]any{"role_id": place, "version": row.Version, "updated_at": row.UpdatedAt}).Error
			if err != nil {
				return err
			}
			recordConnector(tx, event.ConnectorChanged, row)
			return keepVersion(tx, row, about.Name+" → "+name, "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
