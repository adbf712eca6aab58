package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
)

// MappedGroup is a group that a company knows, with the connectors that ask for
// it.
type MappedGroup struct {
	ID        string // by which rules keep it
	Name      string
	Directory string // the name of its directory; empty for one known from sign-ins alone
	Members   int    // people directly in it; of one from sign-ins those known to be
	Groups    int    // groups directly in it
	provisioning.GroupUse

	own   string // the id of the directory's group
	texts []string
}

// MappingQuery narrows the list of groups down.
type MappingQuery struct {
	Text     string // in the group's names or ids
	Roleless bool   // only groups that give no role
	Page     models.Page
}

// Mapping is a page of the groups of a company and what they give.
type Mapping struct {
	Groups   []MappedGroup // those of directories first, then by name
	Found    int           // that fit the query
	Total    int
	Managed  int // of the Total, by directories
	Roleless int // of the Total
}

// Mapping lists the groups that the actor's company knows, from its directories
// and from sign-ins. What a sign-in and a directory both call by a name is one.
func (d *Directories) Mapping(ctx context.Context, by models.Actor, q MappingQuery) (m Mapping, err error) {
	err = d.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		all, err := d.mapped(tx)
		if err != nil {
			return err
		}
		m.Total = len(all)
		text := fold(strings.TrimSpace(q.Text))
		var fitting []MappedGroup
		for _, g := range all {
			if g.Directory != "" {
				m.Managed++
			}
			if !g.Gives() {
				m.Roleless++
			}
			if (!q.Roleless || !g.Gives()) && g.says(text) {
				fitting = append(fitting, g)
			}
		}
		m.Found = len(fitting)
		from := min(q.Page.Offset(), m.Found)
		m.Groups = fitting[from:min(from+q.Page.Size, m.Found)]
		return countMembers(tx, m.Groups)
	})
	return m, err
}

// MappedGroup reads one group that the actor's company knows, by the id that
// rules keep.
func (d *Directories) MappedGroup(ctx context.Context, by models.Actor, id string) (one MappedGroup, err error) {
	err = d.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		all, err := d.mapped(tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(g MappedGroup) bool { return g.ID == id })
		if at < 0 {
			return models.Unknown()
		}
		one = all[at]
		return nil
	})
	return one, err
}

// Has says whether a connector of the group alone gives a role already.
func (g MappedGroup) Has(at provisioning.Target, role string) bool {
	return slices.ContainsFunc(g.Alone, func(s provisioning.Saved) bool {
		return s.State == provisioning.On && s.Target == at && s.Role == role
	})
}

// says says whether a folded text is in any of the group's.
func (g MappedGroup) says(text string) bool {
	return slices.ContainsFunc(append([]string{g.Name}, g.texts...), func(own string) bool { return strings.Contains(fold(own), text) })
}

// mapped are all groups of the company to which the transaction is confined.
func (d *Directories) mapped(tx *store.Tx) ([]MappedGroup, error) {
	company := tx.Actor.Effective.Company
	all, err := managedGroups(tx, company)
	if err != nil {
		return nil, err
	}
	seen, err := d.connectors.GroupsSeen(tx, company)
	if err != nil {
		return nil, err
	}
	all = withSeen(all, seen)
	list, err := provisioning.Load(tx, company)
	if err != nil {
		return nil, err
	}
	texts := make([][]string, len(all))
	for i, g := range all {
		texts[i] = g.texts
	}
	for i, use := range provisioning.UsesOf(list, texts) {
		all[i].GroupUse = use
	}
	return all, nil
}

// managedGroups are the groups of a company's directories, by name.
func managedGroups(tx *store.Tx, company string) ([]MappedGroup, error) {
	names, err := directoryNames(tx, company)
	if err != nil {
		return nil, err
	}
	var rows []Group
	err = tx.Select("id, directory_id, display_name, external_id, aliases").Where("company_id = ?", company).Order("display_name_key, id").Find(&rows).Error
	list := make([]MappedGroup, 0, len(rows))
	for _, g := range rows {
		k := g.known(true)
		list = append(list, MappedGroup{ID: k.ID, Name: k.Name, Directory: names[g.DirectoryID], own: g.ID, texts: append([]string{k.ID, k.Name}, k.Aliases...)})
	}
	return list, err
}

// withSeen adds the groups that only sign-ins spoke of.
func withSeen(all []MappedGroup, seen []provisioning.SeenGroup) []MappedGroup {
	known := map[string]bool{}
	for _, g := range all {
		for _, text := range g.texts {
			known[fold(text)] = true
		}
	}
	managed := len(all)
	for _, s := range seen {
		if !slices.ContainsFunc(s.Texts, func(text string) bool { return known[fold(text)] }) {
			all = append(all, MappedGroup{ID: s.ID, Name: s.Shown(), Members: s.People, texts: s.Texts})
		}
	}
	slices.SortFunc(all[managed:], func(a, b MappedGroup) int {
		return cmp.Or(strings.Compare(fold(a.Name), fold(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return all
}

// countMembers fills in how many are directly in some groups.
func countMembers(tx *store.Tx, list []MappedGroup) error {
	at := map[string]int{}
	var ids []string
	for i, g := range list {
		if g.own != "" {
			at[g.own], ids = i, append(ids, g.own)
		}
	}
	for part := range slices.Chunk(ids, atOnce) {
		var counts []struct {
			GroupID string
			Kind    string
			Members int
		}
		err := tx.Model(&Member{}).Select("group_id, kind, COUNT(*) AS members").Where("group_id IN ? AND kind <> ?", part, ParkedMember).Group("group_id, kind").Find(&counts).Error
		if err != nil {
			return err
		}
		for _, c := range counts {
			if g := &list[at[c.GroupID]]; c.Kind == GroupMember {
				g.Groups = c.Members
			} else {
				g.Members = c.Members
			}
		}
	}
	return nil
}

// directoryNames are the names of a company's directories, by id.
func directoryNames(tx *store.Tx, company string) (map[string]string, error) {
	var rows []Directory
	err := tx.Select("id, name").Where("company_id = ?", company).Find(&rows).Error
	names := make(map[string]string, len(rows))
	for _, d := range rows {
		names[d.ID] = d.Name
	}
	return names, err
}

// groupNames are the names of a company's groups, by the ids that rules keep.
func groupNames(tx *store.Tx, company string) (map[string]string, error) {
	var rows []Group
	err := tx.Select("id, display_name, external_id").Where("company_id = ?", company).Find(&rows).Error
	names := make(map[string]string, len(rows))
	for _, g := range rows {
		names[g.ID], names[g.profileID()] = g.DisplayName, g.DisplayName
	}
	return names, err
}
