package provisioning

import (
	"context"
	"encoding/json"
	"strings"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Save makes a connector, or with an id changes the one that has the given
// version, and has everyone known evaluated: at once where few are, and
// otherwise by a run that goes on. It gives the connector as saved, the run, and
// what changed for whom so far. The error is a *Braked or a *LastRule where
// somebody has to say more.
func (c *Connectors) Save(ctx context.Context, by models.Actor, in Connector, how Publishing) (Published, error) {
	if err := in.Prepare(); err != nil {
		return Published{}, err
	}
	p := publication{Run: Run{Cause: ConnectorSaved, SubjectID: in.ID, SubjectName: in.Name, Reason: how.Reason}, Publishing: how}
	was, err := c.standing(ctx, by, in.ID)
	if err != nil {
		return Published{}, err
	}
	var saved Saved
	p.shifts, p.change = []shift{{was, &in}}, func(tx *store.Tx, run string) (id string, err error) {
		saved, err = keep(tx, in, how.Reason, run)
		return saved.ID, err
	}
	done, err := c.publish(ctx, by, p)
	done.Saved = saved
	return done, err
}

// standing is a connector as it is; nil for one that is yet to be made.
func (c *Connectors) standing(ctx context.Context, by models.Actor, id string) (was *Connector, err error) {
	if id == "" {
		return nil, nil
	}
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		row, err := find(tx, id)
		if err != nil {
			return err
		}
		s, err := row.saved()
		was = &s.Connector
		return err
	})
	return was, err
}

// Prepare tidies a connector up for Keep, and says what is wrong with it by
// itself, as Check does.
func (c *Connector) Prepare() error {
	c.Name, c.Note, c.Condition = strings.TrimSpace(c.Name), strings.TrimSpace(c.Note), c.Condition.Tidy()
	return c.Check()
}

// Keep is the part of Save that writes a prepared connector of the company to
// which the transaction is confined, and which it locked by LockCompany. Nobody
// is evaluated yet: see Evaluate.
func Keep(tx *store.Tx, in Connector, reason string) (s Saved, err error) {
	return keep(tx, in, reason, "")
}

func keep(tx *store.Tx, in Connector, reason, run string) (s Saved, err error) {
	if err := keepFromLinks(tx, in.ID, in.Role); err != nil {
		return s, err
	}
	if err := checkTarget(tx, &in); err != nil {
		return s, err
	}
	row, err := put(tx, in)
	if err != nil {
		return s, err
	}
	if err := keepVersion(tx, row, reason, run); err != nil {
		return s, err
	}
	kind := event.ConnectorChanged
	if row.Version == 1 {
		kind = event.ConnectorCreated
	}
	recordConnector(tx, kind, row)
	return row.saved()
}

func recordConnector(tx *store.Tx, kind string, row connectorRow) {
	tx.Record(kind, store.About{ID: row.ID, Name: row.Name, Data: map[string]any{"version": row.Version, "state": row.State,
		"level": row.Level, "organization": row.OrganizationID, "application": row.ApplicationID, "role": row.RoleID, "condition": json.RawMessage(row.Condition)}})
}

// put writes the connector's row. The version guards against two managers who
// change it at the same time: the later one is told.
func put(tx *store.Tx, in Connector) (connectorRow, error) {
	now := models.At(tx.Now())
	if in.ID == "" {
		row := connectorRow{ID: models.NewID("con"), Version: 1, CreatedBy: tx.Actor.Account, CreatedByName: tx.Actor.Name, CreatedAt: now, UpdatedAt: now}
		if err := row.take(in); err != nil {
			return row, err
		}
		return row, tx.Create(&row).Error
	}
	row, err := find(tx, in.ID)
	if err != nil {
		return row, err
	}
	if int(row.Version) != in.Version {
		return row, changedMeanwhile()
	}
	if err := row.take(in); err != nil {
		return row, err
	}
	row.Version, row.UpdatedAt = row.Version+1, now
	done := tx.Model(&connectorRow{}).Where("id = ? AND version = ?", row.ID, in.Version).Updates(map[string]any{
		"name": row.Name, "state": row.State, "level": row.Level, "organization_id": row.OrganizationID, "application_id": row.ApplicationID,
		"role_id": row.RoleID, "condition": row.Condition, "note": row.Note, "version": row.Version, "updated_at": row.UpdatedAt})
	if done.Error == nil && done.RowsAffected == 0 {
		return row, changedMeanwhile()
	}
	return row, done.Error
}

func changedMeanwhile() error {
	return models.Fail(models.Conflict, "provisioning.error.changed_meanwhile")
}

func keepVersion(tx *store.Tx, row connectorRow, reason, run string) error {
	s, err := row.saved()
	if err != nil {
		return err
	}
	rule, err := json.Marshal(versionJSON{Name: s.Name, State: s.State, Condition: s.Condition, Target: s.Target, Role: s.Role, Note: s.Note, Deleted: row.DeletedAt != nil})
	if err != nil {
		return err
	}
	return tx.Create(&Version{ConnectorID: row.ID, Version: row.Version, Rule: string(rule), Reason: strings.TrimSpace(reason), RunID: run,
		MadeBy: tx.Actor.Account, MadeByName: tx.Actor.Name, MadeAt: models.At(tx.Now())}).Error
}

// Delete takes a connector away, and with it the roles that only it gave. Its
// versions stay. For what it gives and its errors see Save.
func (c *Connectors) Delete(ctx context.Context, by models.Actor, id string, how Publishing) (Published, error) {
	was, err := c.standing(ctx, by, id)
	if err != nil {
		return Published{}, err
	}
	return c.publish(ctx, by, publication{Run: Run{Cause: ConnectorDeleted, SubjectID: id, SubjectName: was.Name, Reason: how.Reason}, Publishing: how, shifts: []shift{{was: was}},
		change: func(tx *store.Tx, run string) (string, error) { return id, drop(tx, id, how.Reason, run) }})
}

// Drop is the part of Delete that takes a connector away, of the company to
// which the transaction is confined, and which it locked by LockCompany. Nobody
// is evaluated yet: see Evaluate.
func Drop(tx *store.Tx, id, reason string) error { return drop(tx, id, reason, "") }

func drop(tx *store.Tx, id, reason, run string) error {
	row, err := find(tx, id)
	if err != nil {
		return err
	}
	if err := keepFromLinks(tx, id, row.RoleID); err != nil {
		return asConflict(err)
	}
	now := models.At(tx.Now())
	row.DeletedAt, row.Version = &now, row.Version+1
	done := tx.Model(&connectorRow{}).Where("id = ? AND deleted_at IS NULL", id).
		Updates(map[string]any{"deleted_at": now, "updated_at": now, "version": row.Version})
	if done.Error != nil {
		return done.Error
	}
	if err := keepVersion(tx, row, reason, run); err != nil {
		return err
	}
	recordConnector(tx, event.ConnectorDeleted, row)
	return nil
}
