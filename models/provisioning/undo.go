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

var publications = []Cause{ConnectorSaved, ConnectorDeleted, ConnectorsSaved, GroupsMigrated, PublicationUndone}

// lastPublication is the latest publication of a company; nil for none.
func lastPublication(tx *store.Tx, company string) (*Run, error) {
	var list []Run
	err := tx.Where("company_id = ? AND cause IN ?", company, publications).Order("created_at DESC, id DESC").Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Undo puts the connectors of the last publication back as they were before, gives
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
	list, err := reversals(tx, done)
	if err != nil {
		return p, err
	}
	p.Run = Run{Cause: PublicationUndone, SubjectID: done.SubjectID, SubjectName: done.SubjectName, Undoes: id,
		Redoes: done.Cause == PublicationUndone && !done.Redoes}
	p.undone = &done
	if p.Publishing.Leave, err = again(tx, done); err != nil {
		return p, err
	}
	for _, one := range list {
		if one.row.ID == done.SubjectID {
			p.SubjectName = one.row.Name
		}
		p.shifts = append(p.shifts, one.shift)
	}
	p.change = func(tx *store.Tx, run string) (string, error) {
		if err := giveBack(tx, done, p.shifts); err != nil {
			return "", err
		}
		for _, one := range list {
			if err := one.row.putBack(tx, one.before, run); err != nil {
				return "", err
			}
		}
		return done.SubjectID, nil
	}
	return p, nil
}

// reversal puts one connector of a publication back.
type reversal struct {
	shift
	row    connectorRow
	before *Version // nil where the publication made it
}

// reversals are the connectors that a publication changed. None of them may have
// changed since.
func reversals(tx *store.Tx, done Run) (list []reversal, err error) {
	var made []Version
	if err := tx.Where("run_id = ?", done.ID).Order("connector_id, version").Find(&made).Error; err != nil {
		return nil, err
	}
	if len(made) == 0 {
		return nil, models.Fail(models.Conflict, "provisioning.error.undo_changed", "Name", done.SubjectName)
	}
	for _, v := range made {
		one := reversal{}
		if err := tx.Where("id = ?", v.ConnectorID).Take(&one.row).Error; err != nil {
			return nil, err
		}
		if one.row.Version != v.Version {
			return nil, models.Fail(models.Conflict, "provisioning.error.undo_changed", "Name", one.row.Name)
		}
		if one.before, err = versionOf(tx, v.ConnectorID, v.Version-1); err != nil {
			return nil, err
		}
		if err := keepUndoFromLinks(tx, one.row, one.before); err != nil {
			return nil, err
		}
		if err := one.find(); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// find fills in the connector as it is and as it will be.
func (r *reversal) find() error {
	if r.row.DeletedAt == nil {
		now, err := r.row.saved()
		if err != nil {
			return err
		}
		r.was = &now.Connector
	}
	if r.before == nil {
		return nil
	}
	then, deleted, err := r.before.Read()
	if err == nil && !deleted {
		r.becomes = &then
	}
	return err
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
func giveBack(tx *store.Tx, done Run, shifts []shift) error {
	for _, s := range shifts {
		if s.becomes == nil {
			continue
		}
		at := s.becomes.Target
		err := tx.Model(&tenancy.Grant{}).Where("source = ? AND source_id = ? AND organization_id = ? AND application_id = ? AND role_id = ?",
			tenancy.Manual, done.ID, at.Organization, at.Application, s.becomes.Role).
			Updates(map[string]any{"source": tenancy.Rule, "source_id": s.becomes.ID, "granted_by": ""}).Error
		if err != nil {
			return err
		}
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
