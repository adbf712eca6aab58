package directory

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
)

// ListedGroup is a group as screens list it, with how many members it has of
// each kind.
type ListedGroup struct {
	Group
	Users, Nested, Parked int64
}

// GroupPage is a page of a list, by name.
type GroupPage struct {
	List  []ListedGroup
	Next  string // id to go on after; empty at the end
	Total int64  // that the text leaves, on all pages
}

// Groups lists the groups of a directory of the actor's company: those with a
// text in their name or id, from after a group's id on.
func (d *Directories) Groups(ctx context.Context, by models.Actor, id, text, after string) (page GroupPage, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if _, err := load(tx, id, false); err != nil {
			return err
		}
		scope := func() *gorm.DB {
			db := tx.Where("directory_id = ?", id)
			if text = strings.TrimSpace(text); text != "" {
				db = db.Where(`display_name_key LIKE ? ESCAPE '\' OR lower(external_id) LIKE ? ESCAPE '\'`, "%"+literal(fold(text))+"%", "%"+literal(strings.ToLower(text))+"%")
			}
			return db
		}
		if err := scope().Model(&Group{}).Count(&page.Total).Error; err != nil {
			return err
		}
		db := scope()
		if after != "" {
			var last Group
			if err := tx.Where("directory_id = ? AND id = ?", id, after).Take(&last).Error; err != nil && !store.Missing(err) {
				return err
			}
			db = db.Where("display_name_key > ? OR (display_name_key = ? AND id > ?)", last.DisplayNameKey, last.DisplayNameKey, last.ID)
		}
		var rows []Group
		if err := db.Order("display_name_key, id").Limit(models.PageSize + 1).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) > models.PageSize {
			rows = rows[:models.PageSize]
			page.Next = rows[len(rows)-1].ID
		}
		page.List, err = counted(tx, rows)
		return err
	})
	return page, err
}

// counted adds how many members groups have.
func counted(tx *store.Tx, rows []Group) (list []ListedGroup, err error) {
	ids := make([]string, len(rows))
	for i, g := range rows {
		ids[i] = g.ID
	}
	var counts []struct {
		GroupID, Kind string
		N             int64
	}
	err = tx.Model(&Member{}).Select("group_id, kind, COUNT(*) AS n").Where("group_id IN ?", ids).Group("group_id, kind").Find(&counts).Error
	for _, g := range rows {
		one := ListedGroup{Group: g}
		for _, c := range counts {
			if c.GroupID != g.ID {
				continue
			}
			switch c.Kind {
			case UserMember:
				one.Users = c.N
			case GroupMember:
				one.Nested = c.N
			case ParkedMember:
				one.Parked = c.N
			}
		}
		list = append(list, one)
	}
	return list, err
}

// ShownMember is a member of a group: a person, a group, or what the client
// called somebody who has not arrived.
type ShownMember struct {
	Member
	Name   string
	Detail string // of a person: the user name
	Active bool
}

// GroupDetail is a group with a page of its members, the groups in which it is
// itself, and the connectors that ask for it. Asked says whether the actor may
// know of connectors.
type GroupDetail struct {
	ListedGroup
	Former     []string // the names and ids it had before, by which rules still mean it
	Members    []ShownMember
	Next       string // id to go on after; empty at the end
	In         []InGroup
	Asked      bool
	Connectors []provisioning.Saved
}

// Group reads a group of a directory of the actor's company, with members from
// after one of them on.
func (d *Directories) Group(ctx context.Context, by models.Actor, directory, id, after string) (g GroupDetail, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		var row Group
		err := tx.Where("directory_id = ? AND id = ?", directory, id).Take(&row).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		list, err := counted(tx, []Group{row})
		if err != nil {
			return err
		}
		g.ListedGroup, g.Former = list[0], row.former()
		if g.In, err = groupsAbove(tx, row.CompanyID, row.ID); err != nil {
			return err
		}
		return g.read(tx, after)
	})
	if err != nil || !by.May(models.ManageConnectors) {
		return g, err
	}
	g.Asked = true
	all, err := d.connectors.List(ctx, by)
	for _, one := range all {
		if one.Condition.Asks(append(g.Former, g.ID, g.ExternalID, g.DisplayName)...) {
			g.Connectors = append(g.Connectors, one)
		}
	}
	return g, err
}

// read reads a page of members.
func (g *GroupDetail) read(tx *store.Tx, after string) error {
	var rows []Member
	err := tx.Where("group_id = ? AND member_id > ?", g.ID, after).Order("member_id").Limit(models.PageSize + 1).Find(&rows).Error
	if err != nil {
		return err
	}
	if len(rows) > models.PageSize {
		rows = rows[:models.PageSize]
		g.Next = rows[len(rows)-1].MemberID
	}
	var users []User
	if err := tx.Where("directory_id = ? AND id IN ?", g.DirectoryID, idsOf(rows)).Find(&users).Error; err != nil {
		return err
	}
	var groups []Group
	if err := tx.Where("directory_id = ? AND id IN ?", g.DirectoryID, idsOf(rows)).Find(&groups).Error; err != nil {
		return err
	}
	for _, m := range rows {
		one := ShownMember{Member: m, Name: m.MemberID}
		for _, u := range users {
			if u.ID == m.MemberID {
				one.Name, one.Detail, one.Active = u.Shown(), u.UserName, u.Active
			}
		}
		for _, inner := range groups {
			if inner.ID == m.MemberID {
				one.Name = inner.DisplayName
			}
		}
		g.Members = append(g.Members, one)
	}
	return nil
}

// groupsAbove are the groups in which somebody or something is, the direct ones
// first, and then by name. A nested group names the one through which it is
// reached.
func groupsAbove(tx *store.Tx, company, id string) (list []InGroup, err error) {
	seen, next := map[string]bool{id: true}, []InGroup{{Group: Group{ID: id}}}
	for len(next) > 0 {
		var found []InGroup
		for _, from := range next {
			var ids []string
			if err := tx.Model(&Member{}).Where("company_id = ? AND member_id = ?", company, from.ID).Pluck("group_id", &ids).Error; err != nil {
				return nil, err
			}
			ids = slices.DeleteFunc(ids, func(id string) bool { return seen[id] })
			for part := range slices.Chunk(ids, atOnce) {
				var rows []Group
				if err := tx.Where("company_id = ? AND id IN ?", company, part).Find(&rows).Error; err != nil {
					return nil, err
				}
				for _, g := range rows {
					seen[g.ID] = true
					found = append(found, InGroup{Group: g, Via: from.DisplayName})
				}
			}
		}
		slices.SortFunc(found, func(a, b InGroup) int { return strings.Compare(a.DisplayNameKey, b.DisplayNameKey) })
		list, next = append(list, found...), found
	}
	return list, nil
}
