package directory

import (
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
)

// The kinds of member. A parked one has not arrived: it keeps what the client
// said of him.
const (
	UserMember   = "user"
	GroupMember  = "group"
	ParkedMember = "parked"
)

// Member is one member of a group.
type Member struct {
	CompanyID   string `gorm:"primaryKey"`
	GroupID     string `gorm:"primaryKey"`
	MemberID    string `gorm:"primaryKey"`
	DirectoryID string
	Kind        string
	CreatedAt   models.Instant
}

// TableName is the table of members.
func (Member) TableName() string { return "directory_members" }

// memberColumns is how many columns a member has: see store.Tx.RowsAtOnce.
const memberColumns = 6

// atOnce is how many ids one statement names.
const atOnce = 500

// kindsOf says which of some ids are users and which are groups of the directory;
// the others are unknown. The users are held until the end, in the order of
// their ids, so that none of them goes meanwhile.
func (w *work) kindsOf(ids []string) (map[string]string, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	kinds := make(map[string]string, len(ids))
	for part := range slices.Chunk(slices.Compact(ids), atOnce) {
		var found []string
		err := w.tx.Model(&User{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Select("id").
			Where("directory_id = ? AND id IN ? AND deleted_at IS NULL", w.ID, part).Order("id").Find(&found).Error
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			kinds[id] = UserMember
		}
		found = nil
		if err := w.tx.Model(&Group{}).Where("directory_id = ? AND id IN ?", w.ID, part).Pluck("id", &found).Error; err != nil {
			return nil, err
		}
		for _, id := range found {
			kinds[id] = GroupMember
		}
	}
	return kinds, nil
}

// addMembers adds to a group those who are not in it, and says whether any were
// added. Whoever is unknown is parked.
func (w *work) addMembers(group string, ids []string) (changed bool, err error) {
	places, err := w.placesOf(ids)
	if err != nil {
		return false, err
	}
	rows := make([]Member, 0, len(ids))
	seen := map[string]bool{group: true}
	for _, id := range ids {
		m := places[id]
		if !seen[m.MemberID] {
			seen[m.MemberID] = true
			m.CompanyID, m.GroupID, m.DirectoryID, m.CreatedAt = w.CompanyID, group, w.ID, models.At(w.tx.Now())
			rows = append(rows, m)
		}
	}
	for part := range slices.Chunk(rows, w.tx.RowsAtOnce(memberColumns)) {
		held, err := w.among(group, idsOf(part))
		if err != nil {
			return changed, err
		}
		fresh := slices.DeleteFunc(slices.Clone(part), func(m Member) bool { return held[m.MemberID] != "" })
		if len(fresh) == 0 {
			continue
		}
		if err := w.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
			return changed, err
		}
		changed = true
		for _, m := range fresh {
			w.touchMember(m.MemberID, m.Kind)
		}
	}
	return changed, nil
}

// placesOf says under which id and as what each of some ids becomes a member.
func (w *work) placesOf(ids []string) (map[string]Member, error) {
	for _, id := range ids {
		if !memberID(id) {
			return nil, badValue("members")
		}
	}
	kinds, err := w.kindsOf(ids)
	if err != nil {
		return nil, err
	}
	places, locked := make(map[string]Member, len(ids)), false
	for _, id := range ids {
		if kind := kinds[id]; kind != "" {
			places[id] = Member{MemberID: id, Kind: kind}
			continue
		}
		if !locked { // nobody arrives between looking and parking
			locked = true
			if err := w.tx.LockDirectory(w.ID, "arrivals"); err != nil {
				return nil, err
			}
		}
		if places[id], err = w.arrived(id); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// arrived looks for somebody by what clients call people before they know our
// id. Who is still unknown is parked.
func (w *work) arrived(id string) (Member, error) {
	for _, by := range [][2]string{{"external_id = ?", id}, {"user_name_key = ?", fold(id)}} { // each by its index
		var found []string
		err := w.tx.Model(&User{}).Where("directory_id = ? AND deleted_at IS NULL", w.ID).Where(by[0], by[1]).Order("id").Limit(1).Pluck("id", &found).Error
		if err != nil || len(found) > 0 {
			return Member{MemberID: strings.Join(found, ""), Kind: UserMember}, err
		}
	}
	return Member{MemberID: id, Kind: ParkedMember}, nil
}

func idsOf(rows []Member) []string {
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.MemberID
	}
	return ids
}

// among says which of some ids are members of a group, and of what kind.
func (w *work) among(group string, ids []string) (map[string]string, error) {
	held := map[string]string{}
	for part := range slices.Chunk(ids, atOnce) {
		var rows []Member
		if err := w.tx.Where("group_id = ? AND member_id IN ?", group, part).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, m := range rows {
			held[m.MemberID] = m.Kind
		}
	}
	return held, nil
}

// dropMembers takes members out of a group, and says whether any were there.
func (w *work) dropMembers(group string, ids []string) (changed bool, err error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if ids, err = w.heldAs(group, ids); err != nil {
		return false, err
	}
	if err := w.lockUsers(ids); err != nil {
		return false, err
	}
	for part := range slices.Chunk(ids, atOnce) {
		held, err := w.among(group, part)
		if err != nil {
			return changed, err
		}
		if len(held) == 0 {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(held)) {
			w.touchMember(id, held[id])
		}
		if err := w.tx.Where("group_id = ? AND member_id IN ?", group, part).Delete(&Member{}).Error; err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// heldAs adds to some ids those under which a group has who is called so: clients
// may name people as they did before they knew our id, and some still do when the
// place that was kept is taken.
func (w *work) heldAs(group string, ids []string) ([]string, error) {
	held, err := w.among(group, ids)
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return held[id] == UserMember || held[id] == GroupMember })
	kinds, err := w.kindsOf(rest)
	if err != nil {
		return nil, err
	}
	named, locked := slices.Clone(ids), false
	for _, id := range rest {
		if kinds[id] != "" { // our own id, of somebody who is not in it
			continue
		}
		if !locked { // nobody takes his place between looking and dropping
			locked = true
			if err := w.tx.LockDirectory(w.ID, "arrivals"); err != nil {
				return nil, err
			}
		}
		m, err := w.arrived(id)
		if err != nil {
			return nil, err
		}
		if m.Kind == UserMember {
			named = append(named, m.MemberID)
		}
	}
	slices.Sort(named)
	return slices.Compact(named), nil
}

// lockUsers holds users in the order of their ids.
func (w *work) lockUsers(ids []string) error {
	for part := range slices.Chunk(ids, atOnce) {
		var found []string
		err := w.tx.Model(&User{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Select("id").
			Where("directory_id = ? AND id IN ?", w.ID, part).Order("id").Find(&found).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// membersOf are the members of a group, in the order in which they were added.
func (w *work) membersOf(group string) (rows []Member, err error) {
	return rows, w.tx.Where("group_id = ?", group).Order("created_at, member_id").Find(&rows).Error
}

// attach gives somebody who arrived, or a group, the places in groups that were
// kept.
func (w *work) attach(id, kind string, names ...string) error {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
	for _, n := range slices.Clone(names) {
		names = append(names, fold(n))
	}
	var parked []Member
	// The kind stands in the statement, so that the index of those who are parked
	// answers it.
	if err := w.tx.Where("directory_id = ? AND kind = 'parked' AND member_id IN ?", w.ID, names).Find(&parked).Error; err != nil {
		return err
	}
	byGroup(parked)
	for _, m := range parked {
		if err := w.tx.Where("group_id = ? AND member_id = ?", m.GroupID, m.MemberID).Delete(&Member{}).Error; err != nil {
			return err
		}
		m.MemberID, m.Kind = id, kind
		if err := w.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m).Error; err != nil {
			return err
		}
	}
	return nil
}
