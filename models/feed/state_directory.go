package feed

import (
	"slices"

	"locum/models/directory"
	"locum/models/store"
)

// DirectoryUser is somebody as a company's directory knows him. PersonID is of the
// Person that he is, once he is known to be one.
type DirectoryUser struct {
	ID                string   `json:"id"`
	ProviderID        string   `json:"dp_id"` // his id at the provider
	PreferredUsername string   `json:"preferred_username"`
	Name              string   `json:"name"`
	Active            bool     `json:"active"`
	PersonID          string   `json:"person_id,omitempty"`
	GroupIDs          []string `json:"group_ids"` // of the groups that name him
}

// DirectoryGroup is a group as a company's directory knows it.
type DirectoryGroup struct {
	ID         string   `json:"id"`
	ProviderID string   `json:"dp_id"`
	Name       string   `json:"name"`
	GroupIDs   []string `json:"group_ids"` // of the groups that it is in
}

// users reads who comes behind an id in the directories. last is the id to go on
// from, empty when there is nobody further.
func (s *State) users(tx *store.Tx, after string, limit int) (last string, err error) {
	var rows []directory.User
	if err := tx.Where("id > ? AND deleted_at IS NULL", after).Order("id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return "", err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last = rows[limit-1].ID
	}
	in, err := groupsOf(tx, rows, func(u directory.User) string { return u.ID })
	for _, u := range rows {
		s.DirectoryUsers = append(s.DirectoryUsers, DirectoryUser{u.ID, u.ExternalID, u.UserName, u.Shown(), u.Active, u.AccountID, in[u.ID]})
	}
	return last, err
}

// groups is users, of groups.
func (s *State) groups(tx *store.Tx, after string, limit int) (last string, err error) {
	var rows []directory.Group
	if err := tx.Where("id > ?", after).Order("id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return "", err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last = rows[limit-1].ID
	}
	in, err := groupsOf(tx, rows, func(g directory.Group) string { return g.ID })
	for _, g := range rows {
		s.DirectoryGroups = append(s.DirectoryGroups, DirectoryGroup{g.ID, g.ExternalID, g.DisplayName, in[g.ID]})
	}
	return last, err
}

// groupsOf gives the groups in which each of the rows is, by its id.
func groupsOf[T any](tx *store.Tx, rows []T, id func(T) string) (map[string][]string, error) {
	in := make(map[string][]string, len(rows))
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = id(row)
		in[ids[i]] = []string{}
	}
	for some := range slices.Chunk(ids, 200) {
		var members []directory.Member
		if err := tx.Where("member_id IN ?", some).Order("member_id, group_id").Find(&members).Error; err != nil {
			return nil, err
		}
		for _, m := range members {
			in[m.MemberID] = append(in[m.MemberID], m.GroupID)
		}
	}
	return in, nil
}
