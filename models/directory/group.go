package directory

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
)

// Group is a group as a directory knows it. Its members stand in rows of their
// own, so that changing one costs the same in a group of any size.
type Group struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	DirectoryID    string
	DisplayName    string
	DisplayNameKey string // folded
	ExternalID     string
	Resource       string // JSON of the other attributes
	Aliases        string // JSON: names and ids at the provider that it had before
	Version        int64
	CreatedAt      models.Instant
	UpdatedAt      models.Instant
}

// TableName is the table of groups.
func (Group) TableName() string { return "directory_groups" }

// profileID is the id by which connectors know the group: the provider's, which
// assertions carry too, or else our own.
func (g Group) profileID() string {
	if g.ExternalID != "" {
		return g.ExternalID
	}
	return g.ID
}

// former are the names and ids by which rules may still mean the group.
func (g Group) former() (names []string) {
	if json.Unmarshal([]byte(g.Aliases), &names) != nil {
		return nil
	}
	return names
}

// known is the group as the engine takes it up.
func (g Group) known(managed bool) provisioning.KnownGroup {
	k := provisioning.KnownGroup{ID: g.profileID(), Name: g.DisplayName, Aliases: g.former(), Managed: managed}
	if g.ExternalID != "" {
		k.Aliases = append(k.Aliases, g.ID)
	}
	return k
}

// knownGroup finds a group of any directory of a company by an id or a name; an
// id goes before a name.
func knownGroup(tx *store.Tx, company, text string) (provisioning.KnownGroup, bool, error) {
	for _, by := range [][2]string{{"id = ?", text}, {"external_id = ?", text}, {"display_name_key = ?", fold(text)}} { // each by its index
		var list []Group
		err := tx.Where("company_id = ?", company).Where(by[0], by[1]).Order("created_at, id").Limit(1).Find(&list).Error
		if err != nil {
			return provisioning.KnownGroup{}, false, err
		}
		if len(list) > 0 {
			return list[0].known(true), true, nil
		}
	}
	return provisioning.KnownGroup{}, false, nil
}

// whole is the group as a resource, without meta and members.
func (g Group) whole() (Resource, error) {
	r, err := restored(g.Resource)
	if err != nil {
		return nil, err
	}
	r["id"], r["displayName"] = g.ID, g.DisplayName
	if g.ExternalID != "" {
		r["externalId"] = g.ExternalID
	}
	return r, nil
}

func (g *Group) take(r Resource) (err error) {
	r = copied(r).(Resource)
	delete(r, "id")
	delete(r, "members")
	g.DisplayName, _ = r.take("displayName").(string)
	g.DisplayNameKey = fold(strings.TrimSpace(g.DisplayName))
	if g.DisplayNameKey == "" || len(g.DisplayName) > 512 {
		return badValue("displayName")
	}
	g.ExternalID, _ = r.take("externalId").(string)
	if len(g.ExternalID) > 512 {
		return badValue("externalId")
	}
	g.Resource, err = r.stored()
	return err
}

func (g Group) found(r Resource) Found {
	return Found{Type: GroupType, Resource: r, Version: g.Version, Created: g.CreatedAt, Modified: g.UpdatedAt}
}

// memberID says whether a text can be a member's id: ours, or what a client calls
// somebody who has not arrived.
func memberID(id string) bool {
	return strings.TrimSpace(id) != "" && len(id) <= 512 && !strings.ContainsRune(id, 0)
}

// memberIDs are the values of the members that a client sent.
func memberIDs(value any) ([]string, error) {
	if value == nil {
		return nil, nil
	}
	ids := []string{}
	for _, one := range flat(value) {
		id, is := one.(string)
		if object, complex := one.(map[string]any); complex {
			value, _ := member(object, "value")
			id, is = value.(string)
		}
		if !is || !memberID(id) {
			return nil, badValue("members")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// split takes the members out of a body, where they may be more than an
// attribute holds otherwise. said is false where the body does not speak of them.
func split(body map[string]any) (rest map[string]any, members any, said bool) {
	rest = map[string]any{}
	for name, value := range body {
		if strings.EqualFold(name, "members") || strings.EqualFold(name, GroupSchema+":members") {
			members, said = value, true
			continue
		}
		rest[name] = value
	}
	return rest, members, said
}

func (w *work) group(id string, locked bool) (g Group, err error) {
	db := w.tx.Where("directory_id = ? AND id = ?", w.ID, id)
	if locked {
		db = db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	if err = db.Take(&g).Error; store.Missing(err) {
		return g, models.Unknown()
	}
	return g, err
}

// GetGroup reads a group; members says whether they are wanted.
func (d *Directories) GetGroup(ctx context.Context, c Client, id string, members bool) (found Found, err error) {
	err = d.read(ctx, c, func(w *work) error {
		g, err := w.group(id, false)
		if err != nil {
			return err
		}
		found, err = w.groupFound(g, members)
		return err
	})
	return found, err
}

func (w *work) groupFound(g Group, members bool) (Found, error) {
	r, err := g.whole()
	if err != nil || !members {
		return g.found(r), err
	}
	rows, err := w.membersOf(g.ID)
	if err != nil {
		return Found{}, err
	}
	list, err := w.memberValues(rows)
	if len(list) > 0 {
		r["members"] = list
	}
	return g.found(r), err
}

// memberValues are members as parts of a group's resource.
func (w *work) memberValues(rows []Member) ([]any, error) {
	names := map[string]string{}
	for part := range slices.Chunk(rows, atOnce) {
		var users []User
		if err := w.tx.Select("id, user_name").Where("directory_id = ? AND id IN ?", w.ID, idsOf(part)).Find(&users).Error; err != nil {
			return nil, err
		}
		for _, u := range users {
			names[u.ID] = u.UserName
		}
		nested := map[string]string{}
		for _, m := range part {
			if m.Kind == GroupMember {
				nested[m.MemberID] = ""
			}
		}
		if err := w.groupNames(nested); err != nil {
			return nil, err
		}
		for id, name := range nested {
			names[id] = name
		}
	}
	list := make([]any, 0, len(rows))
	for _, m := range rows {
		one := map[string]any{"value": m.MemberID}
		switch m.Kind {
		case UserMember:
			one["type"], one["display"] = "User", names[m.MemberID]
		case GroupMember:
			one["type"], one["display"] = "Group", names[m.MemberID]
		}
		list = append(list, one)
	}
	return list, nil
}
