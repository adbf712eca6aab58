package directory

import (
	"encoding/json"
	"slices"
)

// maxAliases is how many former names of a group still mean it.
const maxAliases = 10

// rename keeps the former name: roles hang on the group, whatever it is called.
// It is not kept where another group of the company has that name. Everyone in
// the group is evaluated, since rules may mean the new name.
func (w *work) rename(g *Group, before Group) error {
	if g.DisplayNameKey != before.DisplayNameKey {
		names := before.former()
		other, err := w.named(before.DisplayNameKey, g.ID)
		if err != nil {
			return err
		}
		if !other {
			names = append(names, before.DisplayName)
		}
		names = slices.DeleteFunc(names, func(n string) bool { return fold(n) == g.DisplayNameKey })
		if g.Aliases, err = aliases(names[max(0, len(names)-maxAliases):]); err != nil {
			return err
		}
		if err := w.unalias(*g); err != nil {
			return err
		}
	}
	w.touchGroups(g.ID)
	return nil
}

func aliases(names []string) (string, error) {
	if names == nil {
		names = []string{}
	}
	out, err := json.Marshal(names)
	return string(out), err
}

// named says whether another group of the company has a name.
func (w *work) named(key, but string) (bool, error) {
	var others int64
	err := w.tx.Model(&Group{}).Where("display_name_key = ? AND id <> ?", key, but).Count(&others).Error
	return others > 0, err
}

// unalias takes a name from the groups of the company that had it before: from
// now on it means this one, and no rule that names it means theirs.
func (w *work) unalias(g Group) error {
	var list []Group
	if err := w.tx.Where("id <> ? AND aliases <> '[]'", g.ID).Order("id").Find(&list).Error; err != nil {
		return err
	}
	for _, other := range list {
		names := other.former()
		left := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return fold(n) == g.DisplayNameKey })
		if len(left) == len(names) {
			continue
		}
		out, err := aliases(left)
		if err != nil {
			return err
		}
		if err := w.tx.Model(&Group{}).Where("id = ?", other.ID).Update("aliases", out).Error; err != nil {
			return err
		}
		if other.DirectoryID == w.ID {
			w.touchGroups(other.ID)
			continue
		}
		if err := w.await(other); err != nil {
			return err
		}
	}
	return nil
}

// await has everyone in a group of another directory evaluated: see Advance.
func (w *work) await(g Group) error {
	users, err := w.below([]string{g.ID})
	if err != nil {
		return err
	}
	slices.Sort(users)
	for part := range slices.Chunk(users, atOnce) {
		if err := w.tx.Model(&User{}).Where("id IN ? AND deleted_at IS NULL", part).Update("due", true).Error; err != nil {
			return err
		}
	}
	return nil
}
