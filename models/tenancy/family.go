package tenancy

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Family is a set of roles of one level, or of one application, of which
// connectors give a person one at a place: of those that match, the first in
// the order of the family. A role by hand, by default or through a delegation
// comes from elsewhere, and counts beside it. A role is in one family at most.
type Family struct {
	ID            string `gorm:"primaryKey"`
	Level         models.Level
	ApplicationID string
	Name          string
	Version       int64 // rises with each change of its roles or their order
	CreatedAt     models.Instant
}

// TableName is the table of families.
func (Family) TableName() string { return "role_families" }

// MinFamily is how many roles a family is registered with at least: with one
// there is nothing to decide. It may come to fewer as roles are deleted.
const MinFamily = 2

func loadFamilies(tx *store.Tx) (map[string]Family, error) {
	var list []Family
	if err := tx.Order("id").Find(&list).Error; err != nil {
		return nil, err
	}
	families := make(map[string]Family, len(list))
	for _, f := range list {
		families[f.ID] = f
	}
	return families, nil
}

// FamiliesAt lists the families of a level and, there, of an application, by
// name.
func (reg Registry) FamiliesAt(level models.Level, application string) (list []Family) {
	for _, f := range reg.Families {
		if f.Level == level && f.ApplicationID == application {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b Family) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return list
}

// InFamily lists the roles of a family, the first to decide first; none for "".
func (reg Registry) InFamily(id string) (roles []Role) {
	for _, r := range reg.Roles {
		if id != "" && r.FamilyID == id {
			roles = append(roles, r)
		}
	}
	slices.SortFunc(roles, func(a, b Role) int { return cmp.Or(a.Rank-b.Rank, strings.Compare(a.ID, b.ID)) })
	return roles
}

// Check says what is wrong with a family, by field, and trims its name.
func (f *Family) Check() error {
	wrong := models.FieldErrors{}
	f.Name = account.CheckName(f.Name, "name", wrong)
	if !slices.Contains(levels, f.Level) || (f.Level == models.ApplicationLevel) != (f.ApplicationID != "") {
		wrong.Add("level", "error.choice")
	}
	return wrong.Err()
}

// RegisterFamily adds a family to the platform's registry, with the ids of its
// roles in the order in which they decide.
func (c *Companies) RegisterFamily(ctx context.Context, by models.Actor, f Family, roles []string) (Family, error) {
	if err := f.Check(); err != nil {
		return f, err
	}
	err := c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) (err error) {
		f, err = AddFamily(tx, f, roles)
		return err
	})
	return f, err
}

// AddFamily adds a family that was checked, in a System transaction.
func AddFamily(tx *store.Tx, f Family, roles []string) (Family, error) {
	f.ID, f.Version, f.CreatedAt = models.NewID("fam"), 1, models.At(tx.Now())
	if len(roles) < MinFamily {
		return f, wrongRoles("company.error.family_small", "Least", MinFamily)
	}
	if err := tx.Create(&f).Error; err != nil {
		return f, takenFamily(err)
	}
	if err := arrange(tx, f, nil, roles); err != nil {
		return f, err
	}
	return f, recordFamily(tx, event.FamilyRegistered, f)
}

// RenameFamily changes what a family is called, and nothing for anybody.
func (c *Companies) RenameFamily(ctx context.Context, by models.Actor, id, name string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		f, err := lockFamily(tx, id)
		if err != nil {
			return err
		}
		was := f.Name
		f.Name = name
		if err := f.Check(); err != nil {
			return err
		}
		tx.Record(event.FamilyChanged, store.About{ID: f.ID, Name: f.Name, Company: store.Platform,
			Data: map[string]any{store.Previous: map[string]any{"name": was}}})
		return takenFamily(tx.Model(&Family{}).Where("id = ?", id).Update("name", f.Name).Error)
	})
}

// ArrangeFamily gives a family its roles, by id, in the order in which they
// decide, in a System transaction.
func ArrangeFamily(tx *store.Tx, id string, roles []string) error {
	return rearrange(tx, id, func([]string) []string { return roles })
}

// JoinFamily puts a role at the end of a family.
func (c *Companies) JoinFamily(ctx context.Context, by models.Actor, family, role string) error {
	return c.rearrange(ctx, by, family, func(roles []string) []string { return append(slices.Clone(roles), role) })
}

// LeaveFamily takes a role out of a family: what connectors give of it adds up
// again.
func (c *Companies) LeaveFamily(ctx context.Context, by models.Actor, family, role string) error {
	return c.rearrange(ctx, by, family, func(roles []string) []string { return without(roles, role) })
}

// MoveInFamily puts a role one place earlier in its family, or one later. At the
// end it stays where it is.
func (c *Companies) MoveInFamily(ctx context.Context, by models.Actor, family, role string, earlier bool) error {
	return c.rearrange(ctx, by, family, func(roles []string) []string {
		at := slices.Index(roles, role)
		to := at + 1
		if earlier {
			to = at - 1
		}
		if at < 0 || to < 0 || to >= len(roles) {
			return roles
		}
		moved := slices.Clone(roles)
		moved[at], moved[to] = moved[to], moved[at]
		return moved
	})
}

func (c *Companies) rearrange(ctx context.Context, by models.Actor, family string, do func(roles []string) []string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error { return rearrange(tx, family, do) })
}

// rearrange changes the roles of a family, and records it where anything did.
func rearrange(tx *store.Tx, family string, do func(roles []string) []string) error {
	f, err := lockFamily(tx, family)
	if err != nil {
		return err
	}
	before, err := rolesOf(tx, family)
	if err != nil {
		return err
	}
	after := do(before)
	if slices.Equal(before, after) {
		tx.NothingToRecord()
		return nil
	}
	if err := arrange(tx, f, before, after); err != nil {
		return err
	}
	f.Version++
	if err := tx.Model(&Family{}).Where("id = ?", f.ID).Update("version", f.Version).Error; err != nil {
		return err
	}
	return recordFamily(tx, event.FamilyChanged, f)
}

// DeleteFamily takes a family out of the registry. Its roles stay, and what
// connectors give of them adds up again.
func (c *Companies) DeleteFamily(ctx context.Context, by models.Actor, id string) error {
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		f, err := lockFamily(tx, id)
		if err != nil {
			return err
		}
		before, err := rolesOf(tx, id)
		if err != nil {
			return err
		}
		if err := arrange(tx, f, before, nil); err != nil {
			return err
		}
		f.Version = 0
		if err := recordFamily(tx, event.FamilyDeleted, f); err != nil {
			return err
		}
		return tx.Where("id = ?", id).Delete(&Family{}).Error
	})
}

// arrange writes which roles are in a family, and in which order.
func arrange(tx *store.Tx, f Family, before, after []string) error {
	for _, id := range before {
		if slices.Contains(after, id) {
			continue
		}
		if err := tx.Model(&Role{}).Where("id = ?", id).Updates(map[string]any{"family_id": "", "rank": 0}).Error; err != nil {
			return err
		}
	}
	reg, err := LoadRoles(tx)
	if err != nil {
		return err
	}
	for i, id := range after {
		r, there := reg.Roles[id]
		if !there || r.Level != f.Level || r.ApplicationID != f.ApplicationID || slices.Contains(after[:i], id) {
			return wrongRoles("error.choice")
		}
		// It is asked of the row itself: another may take the same role into a
		// family of his own meanwhile.
		done := tx.Model(&Role{}).Where("id = ? AND deleted_at IS NULL AND family_id IN ?", id, []string{"", f.ID}).
			Updates(map[string]any{"family_id": f.ID, "rank": i + 1})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return wrongRoles("company.error.family_other", "Name", r.Name)
		}
	}
	return nil
}

// leaveFamily takes a role that is deleted out of its family.
func leaveFamily(tx *store.Tx, r Role) error {
	if r.FamilyID == "" {
		return nil
	}
	return rearrange(tx, r.FamilyID, func(roles []string) []string { return without(roles, r.ID) })
}

func without(roles []string, role string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(id string) bool { return id == role })
}

// rolesOf are the ids of a family's roles, in order.
func rolesOf(tx *store.Tx, family string) (ids []string, err error) {
	err = tx.Model(&Role{}).Where("family_id = ?", family).Order("rank, id").Pluck("id", &ids).Error
	return ids, err
}

// recordFamily leaves an event with the family's roles by name, in order.
func recordFamily(tx *store.Tx, kind string, f Family) error {
	reg, err := LoadRoles(tx)
	if err != nil {
		return err
	}
	names := []string{}
	for _, r := range reg.InFamily(f.ID) {
		names = append(names, r.Name)
	}
	tx.Record(kind, store.About{ID: f.ID, Name: f.Name, Company: store.Platform,
		Data: map[string]any{"roles": names, "level": f.Level, "application": f.ApplicationID, "version": f.Version}})
	return nil
}

// lockFamily reads a family and holds it until the end of the transaction: who
// changes it too does so after.
func lockFamily(tx *store.Tx, id string) (f Family, err error) {
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&f).Error
	return f, missing(err)
}

func takenFamily(err error) error {
	if !store.Duplicate(err) {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("name", "company.error.family_taken")
	return wrong.Err()
}

func wrongRoles(key string, args ...any) error {
	wrong := models.FieldErrors{}
	wrong.Add("role", key, args...)
	return wrong.Err()
}
