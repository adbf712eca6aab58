package provisioning

import (
	"context"
	"encoding/json"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

var publications = []Cause{ConnectorSaved, ConnectorDeleted, PublicationUndone}

// lastPublication is the latest publication of a company; nil for none.
func lastPublication(tx *store.Tx, company string) (*Run, error) {
	var list []Run
	err := tx.Where("company_id = ? AND cause IN ?", company, publications).Order("created_at DESC, id DESC").Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Undo puts the connector of the last publication back as it was before, gives
// back the roles by hand that the publication took, and evaluates everyone. Of a
// publication that is under way the rest is not done. Undoing what was undone
// does it again. As many people as the publication touched may be touched
// unasked; the error is a *Braked where it would be more.
func (c *Connectors) Undo(ctx context.Context, by models.Actor, id string, how Publishing) (done Published, err error) {
	err = c.store.Write(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
			return err
		}
		p, err := undoing(tx, id)
		if err != nil {
			return err
		}
		p.Confirmed, p.Run.Reason = how.Confirmed, how.Reason
		if done.Run, done.Changes, err = c.carryOut(tx, p, nil); err != nil {
			return err
		}
		return tx.Model(&Run{}).Where("id = ?", id).Update("undone_by", done.Run.ID).Error
	})
	return done, err
}

// undoing is the publication that undoes the last one.
func undoing(tx *store.Tx, id string) (p publication, err error) {
	done, err := findRun(tx, id)
	if err != nil {
		return p, err
	}
	if !done.UndoableBy(tx.Actor) {
		return p, models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.ManageConnectors))
	}
	last, err := lastPublication(tx, tx.Actor.Effective.Company)
	if err != nil {
		return p, err
	}
	if last == nil || last.ID != id || done.UndoneBy != "" {
		return p, models.Fail(models.Conflict, "provisioning.error.undo_not_last")
	}
	if err := othersHeld(tx, id); err != nil {
		return p, err
	}
	if err := mayGiveBack(tx, done); err != nil {
		return p, err
	}
	var row connectorRow
	if err := tx.Where("id = ?", done.SubjectID).Take(&row).Error; err != nil {
		return p, err
	}
	now, err := versionOf(tx, row.ID, row.Version)
	if err != nil || now == nil || now.RunID != id {
		return p, orElse(err, models.Fail(models.Conflict, "provisioning.error.undo_changed", "Name", row.Name))
	}
	before, err := versionOf(tx, row.ID, row.Version-1)
	if err != nil {
		return p, err
	}
	if err := keepUndoFromLinks(tx, row, before); err != nil {
		return p, err
	}
	p.Run = Run{Cause: PublicationUndone, SubjectID: row.ID, SubjectName: row.Name, Undoes: id,
		Redoes: done.Cause == PublicationUndone && !done.Redoes}
	p.undone = &done
	if p.Publishing.Leave, err = again(tx, done); err != nil {
		return p, err
	}
	s, err := row.saved()
	if err != nil {
		return p, err
	}
	p.was = &s.Connector
	p.change = func(tx *store.Tx, run string) (string, error) {
		if err := giveBack(tx, done); err != nil {
			return "", err
		}
		return row.ID, row.putBack(tx, before, run)
	}
	return p, nil
}

// again is what was chosen when that was done which is now done once more.
func again(tx *store.Tx, undo Run) (Leave, error) {
	if undo.Cause != PublicationUndone {
		return "", nil
	}
	first, err := findRun(tx, undo.Undoes)
	return first.Chosen, err
}

// othersHeld refuses to undo while another run is held: everyone is evaluated by
// it, and what brakes stopped would be done unasked.
func othersHeld(tx *store.Tx, id string) error {
	var held int64
	err := tx.Model(&Run{}).Where("state = ? AND id <> ?", RunHeld, id).Count(&held).Error
	if err == nil && held > 0 {
		err = models.Fail(models.Conflict, "provisioning.error.undo_held")
	}
	return err
}

// mayGiveBack refuses to undo who may not give the roles by hand that come back
// with it.
func mayGiveBack(tx *store.Tx, done Run) error {
	var taken []takenGrant
	if err := tx.Where("run_id = ?", done.ID).Find(&taken).Error; err != nil || len(taken) == 0 {
		return err
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	for _, t := range taken {
		g, err := t.grant()
		if err != nil {
			return err
		}
		if err := tenancy.MayGive(tx.Actor, reg.Roles[g.RoleID]); err != nil {
			return err
		}
		if err := keepFromLinks(tx, "", g.RoleID); err != nil {
			return err
		}
	}
	return nil
}

// keepUndoFromLinks is keepFromLinks for a connector as it is and as it was.
func keepUndoFromLinks(tx *store.Tx, row connectorRow, before *Version) error {
	if err := keepFromLinks(tx, "", row.RoleID); err != nil || before == nil {
		return err
	}
	was, _, err := before.Read()
	if err != nil {
		return err
	}
	return keepFromLinks(tx, "", was.Role)
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// versionOf reads one version of a connector; nil when there is none.
func versionOf(tx *store.Tx, connector string, version int64) (*Version, error) {
	var list []Version
	err := tx.Where("connector_id = ? AND version = ?", connector, version).Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// putBack makes a connector what it was in a version: nothing, if that is nil or
// says that it was deleted.
func (r connectorRow) putBack(tx *store.Tx, before *Version, run string) error {
	kind := event.ConnectorChanged
	now := models.At(tx.Now())
	wasDeleted := r.DeletedAt != nil
	r.Version, r.UpdatedAt, r.DeletedAt = r.Version+1, now, &now
	if before != nil {
		was, deleted, err := before.Read()
		if err != nil {
			return err
		}
		if !deleted {
			if err := checkTarget(tx, &was); err != nil {
				return models.Fail(models.Conflict, "provisioning.error.undo_target", "Name", r.Name)
			}
			if err := r.take(was); err != nil {
				return err
			}
			r.DeletedAt = nil
		}
	}
	switch {
	case r.DeletedAt != nil:
		kind = event.ConnectorDeleted
	case wasDeleted:
		kind = event.ConnectorCreated
	}
	err := tx.Model(&connectorRow{}).Where("id = ?", r.ID).Updates(map[string]any{
		"name": r.Name, "state": r.State, "level": r.Level, "organization_id": r.OrganizationID, "application_id": r.ApplicationID,
		"role_id": r.RoleID, "condition": r.Condition, "note": r.Note, "version": r.Version, "updated_at": now, "deleted_at": r.DeletedAt}).Error
	if err != nil {
		return err
	}
	if err := keepVersion(tx, r, "", run); err != nil {
		return err
	}
	recordConnector(tx, kind, r)
	return nil
}

// giveBack gives what a run took that no rule had given, and what it left by
// hand back to the rule. Who was removed from the company since gets nothing.
func giveBack(tx *store.Tx, done Run) error {
	err := tx.Model(&tenancy.Grant{}).Where("source = ? AND source_id = ?", tenancy.Manual, done.ID).
		Updates(map[string]any{"source": tenancy.Rule, "source_id": done.SubjectID, "granted_by": ""}).Error
	if err != nil {
		return err
	}
	var taken []takenGrant
	if err := tx.Where("run_id = ?", done.ID).Order("account_id, id").Find(&taken).Error; err != nil || len(taken) == 0 {
		return err
	}
	for part := range slices.Chunk(taken, crowdSize) {
		if err := giveBackSome(tx, done, part); err != nil {
			return err
		}
	}
	return tx.Where("run_id = ?", done.ID).Delete(&takenGrant{}).Error
}

func giveBackSome(tx *store.Tx, done Run, taken []takenGrant) error {
	ids := make([]string, len(taken))
	for i, t := range taken {
		ids[i] = t.AccountID
	}
	var known []string
	if err := tx.Model(&profileRow{}).Where("account_id IN ?", ids).Distinct("account_id").Pluck("account_id", &known).Error; err != nil {
		return err
	}
	people, err := account.LoadAll(tx, known)
	if err != nil {
		return err
	}
	roles, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	var rows []tenancy.Grant
	for _, t := range taken {
		g, err := t.grant()
		if err != nil {
			return err
		}
		_, there := people[t.AccountID]
		if _, stands := roles.Roles[g.RoleID]; there && stands && (g.EndsAt == nil || g.EndsAt.After(tx.Now())) {
			rows = append(rows, g)
		}
	}
	for _, g := range rows { // one by one: some may have been given again meanwhile
		if err := tenancy.Give(tx, g, people[g.AccountID].Name); err != nil {
			return err
		}
	}
	return nil
}

// grant is the role as it was.
func (t takenGrant) grant() (g tenancy.Grant, err error) {
	return g, json.Unmarshal([]byte(t.Taken), &g)
}
