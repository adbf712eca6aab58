package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"locum/models/event"
	"locum/models/store"
)

// above are the groups in which somebody or something is, directly or through
// other groups, each once: cycles end there.
func above(tx *store.Tx, company, id string) (list []string, err error) {
	seen := map[string]bool{}
	next := []string{id}
	for len(next) > 0 {
		var found []string
		for part := range slices.Chunk(next, atOnce) {
			var some []string
			if err := tx.Model(&Member{}).Where("company_id = ? AND member_id IN ?", company, part).Pluck("group_id", &some).Error; err != nil {
				return nil, err
			}
			found = append(found, some...)
		}
		next = nil
		for _, g := range found {
			if !seen[g] {
				seen[g] = true
				list, next = append(list, g), append(next, g)
			}
		}
	}
	return list, nil
}

// below are the users in some groups, directly or through other groups.
func (w *work) below(groups []string) (users []string, err error) {
	seen := map[string]bool{}
	for len(groups) > 0 {
		var rows []Member
		for part := range slices.Chunk(groups, atOnce) {
			var some []Member
			if err := w.tx.Select("member_id, kind").Where("group_id IN ? AND kind <> ?", part, ParkedMember).Find(&some).Error; err != nil {
				return nil, err
			}
			rows = append(rows, some...)
		}
		groups = nil
		for _, m := range rows {
			if seen[m.MemberID] {
				continue
			}
			seen[m.MemberID] = true
			if m.Kind == GroupMember {
				groups = append(groups, m.MemberID)
			} else {
				users = append(users, m.MemberID)
			}
		}
	}
	return users, nil
}

// byGroup sorts members by their groups. Asked to, SQLite would go through all
// members of the company in that order.
func byGroup(rows []Member) {
	slices.SortFunc(rows, func(a, b Member) int {
		return cmp.Or(strings.Compare(a.GroupID, b.GroupID), strings.Compare(a.MemberID, b.MemberID))
	})
}

// groupsOf are the groups in which some users are directly.
func (w *work) groupsOf(users []string) (map[string][]event.DirectoryGroup, error) {
	out := map[string][]event.DirectoryGroup{}
	for part := range slices.Chunk(users, atOnce) {
		var rows []Member
		if err := w.tx.Where("member_id IN ?", part).Find(&rows).Error; err != nil {
			return nil, err
		}
		byGroup(rows)
		names := map[string]string{}
		for _, m := range rows {
			names[m.GroupID] = ""
		}
		if err := w.groupNames(names); err != nil {
			return nil, err
		}
		for _, m := range rows {
			out[m.MemberID] = append(out[m.MemberID], event.DirectoryGroup{ID: m.GroupID, Name: names[m.GroupID]})
		}
	}
	return out, nil
}

// asGroups are groups as a part of a user's resource.
func asGroups(list []event.DirectoryGroup) []any {
	out := make([]any, len(list))
	for i, g := range list {
		out[i] = map[string]any{"value": g.ID, "display": g.Name, "type": "direct"}
	}
	return out
}

// groupNames fills in the names of groups, by id.
func (w *work) groupNames(names map[string]string) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(names)), atOnce) {
		var list []Group
		if err := w.tx.Select("id, display_name").Where("id IN ?", part).Find(&list).Error; err != nil {
			return err
		}
		for _, g := range list {
			names[g.ID] = g.DisplayName
		}
	}
	return nil
}
