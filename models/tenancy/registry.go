package tenancy

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// highest says whether the role is the highest of its level. It is given by
// name alone: neither to everybody by default, nor in place of another.
func (r Role) highest() bool { return r.ID == Manager || r.ID == Superuser }

// Holding is how far a role has spread: how many people hold it, and in how many
// companies.
type Holding struct{ People, Companies int }

// Holdings counts the holders of every role that anybody holds, by role.
func (c *Companies) Holdings(ctx context.Context, by models.Actor) (held map[string]Holding, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		var rows []struct {
			RoleID            string
			People, Companies int
		}
		err := tx.Model(&Grant{}).Scopes(Live(tx.Now())).
			Select("role_id, COUNT(DISTINCT account_id) AS people, COUNT(DISTINCT company_id) AS companies").Group("role_id").Find(&rows).Error
		held = make(map[string]Holding, len(rows))
		for _, r := range rows {
			held[r.RoleID] = Holding{r.People, r.Companies}
		}
		return err
	})
	return held, err
}

// RoleUse is what in companies and organizations hangs on a role. Delegations
// and connectors count for themselves.
type RoleUse struct {
	Role        Role
	Holding     Holding
	Invitations int // open ones that come with it
	// Instead are the roles that can take its place.
	Instead []Role
}

// Use reads what hangs on a role of the registry.
func (c *Companies) Use(ctx context.Context, by models.Actor, id string) (use RoleUse, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		reg, err := LoadRegistry(tx)
		if err != nil {
			return err
		}
		role, there := reg.Roles[id]
		if !there {
			return models.Unknown()
		}
		use = RoleUse{Role: role, Instead: reg.instead(role)}
		var grants []Grant
		if err := tx.Scopes(Live(tx.Now())).Distinct("account_id", "company_id").Where("role_id = ?", id).Find(&grants).Error; err != nil {
			return err
		}
		people, companies := map[string]bool{}, map[string]bool{}
		for _, g := range grants {
			people[g.AccountID], companies[g.CompanyID] = true, true
		}
		use.Holding = Holding{len(people), len(companies)}
		open, err := invitationsWith(tx, id)
		use.Invitations = len(open)
		return err
	})
	return use, err
}

// instead are the roles that can take the place of another.
func (reg Registry) instead(of Role) (list []Role) {
	for _, r := range reg.At(of.Level, of.ApplicationID) {
		if r.ID != of.ID && !r.highest() {
			list = append(list, r)
		}
	}
	return list
}

// EditApplication changes the name, the description and the icon of an
// application. Its key stays: it stands in tokens and headers.
func (c *Companies) EditApplication(ctx context.Context, by models.Actor, a Application) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		was, err := application(tx, a.ID)
		if err != nil {
			return err
		}
		a.Key = was.Key
		if err := a.Check(); err != nil {
			return err
		}
		return ChangeApplication(tx, a)
	})
}

// EditRole changes the name, the description and the permissions of a role that
// is not built in. Whoever holds it has what it allows now at once.
func (c *Companies) EditRole(ctx context.Context, by models.Actor, r Role, permissions ...models.Permission) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		was, err := ownRole(tx, r.ID)
		if err != nil {
			return err
		}
		was.Name, was.Description, was.NotForVisitors = r.Name, r.Description, r.NotForVisitors
		if err := was.Check(permissions); err != nil {
			return err
		}
		return ChangeRole(tx, was, permissions)
	})
}

// MakeDefault makes a role the default of its level or application.
func (c *Companies) MakeDefault(ctx context.Context, by models.Actor, id string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		role, err := lockRole(tx, id)
		if err != nil {
			return err
		}
		if role.highest() {
			return models.Fail(models.Conflict, "company.error.highest_default")
		}
		if role.IsDefault {
			tx.NothingToRecord()
			return nil
		}
		return MakeDefault(tx, role)
	})
}

// DeleteRole takes a role out of the registry. Where anything hangs on it, with
// is the id of the role that takes its place, everywhere in this transaction:
// delegations and connectors follow the event. What is over keeps its name.
func (c *Companies) DeleteRole(ctx context.Context, by models.Actor, id, with string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		old, err := ownRole(tx, id)
		if err != nil {
			return err
		}
		reg, err := LoadRegistry(tx)
		if err != nil {
			return err
		}
		var place Role
		for _, r := range reg.instead(old) {
			if r.ID == with {
				place = r
			}
		}
		if with != "" && place.ID == "" {
			return NeedsReplacement("error.choice")
		}
		if err := replace(tx, old, place); err != nil {
			return err
		}
		if err := leaveFamily(tx, old); err != nil {
			return err
		}
		gone := models.At(tx.Now())
		// Its key is free again; an id is no key, so that it takes nobody's.
		err = tx.Model(&Role{}).Where("id = ?", old.ID).Updates(map[string]any{"deleted_at": gone, "is_default": false, "key": old.ID}).Error
		if err != nil {
			return err
		}
		if err := passDefault(tx, reg, old, place); err != nil {
			return err
		}
		tx.Record(event.RoleDeleted, store.About{ID: old.ID, Name: old.Name, Company: store.Platform,
			Data: map[string]any{"with": place.ID, "with_name": place.Name, "application": old.ApplicationID}})
		tx.Notify(store.Everything)
		return nil
	})
}

// passDefault gives what a deleted default was to the role in its place, or
// else to the first that can be it.
func passDefault(tx *store.Tx, reg Registry, old, place Role) error {
	if left := reg.instead(old); place.ID == "" && len(left) > 0 {
		place = left[0]
	}
	if !old.IsDefault || place.ID == "" {
		return nil
	}
	return MakeDefault(tx, place)
}

// NeedsReplacement is the answer to the deletion of a role on which something
// hangs, without a role that can take its place.
func NeedsReplacement(key string) error {
	wrong := models.FieldErrors{}
	wrong.Add("with", key)
	return wrong.Err()
}

// ownRole locks a role that is not built in.
func ownRole(tx *store.Tx, id string) (Role, error) {
	r, err := lockRole(tx, id)
	if err == nil && r.BuiltIn {
		err = models.Fail(models.Conflict, "company.error.built_in")
	}
	return r, err
}

// lockRole reads a role and holds it until the end of the transaction: nobody
// is given it meanwhile.
func lockRole(tx *store.Tx, id string) (r Role, err error) {
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ? AND deleted_at IS NULL", id).Take(&r).Error
	return r, missing(err)
}
