package directory

import (
	"encoding/json"
	"slices"
)

// maxAliases is how many former names and ids of a group still mean it.
const maxAliases = 10

// rename keeps the former name, and the former id at the provider: roles hang on
// the group, whatever it is called. Neither is kept where another group of the
// company goes by it. Everyone in the group is evaluated, since rules may mean the
// new ones.
func (w *work) rename(g *Group, before Group) error {
	names := before.former()
	for _, text := range []string{before.DisplayName, before.ExternalID} {
		if text == "" || g.goesBy(text) || slices.Contains(names, text) {
			continue
		}
		other, err := w.named(text, g.ID)
		if err != nil {
			return err
		}
		if !other {
			names = append(names, text)
		}
	}
	names = slices.DeleteFunc(names, g.goesBy)
	var err error
	if g.Aliases, err = aliases(names[max(0, len(names)-maxAliases):]); err != nil {
		return err
	}
	if err := w.unalias(*g); err != nil {
		return err
	}
	w.touchGroups(g.ID)
	return nil
}

// goesBy says whether a text is the name of the group, or its id at the provider:
// in any case, as conditions read it.
func (g Group) goesBy(text string) bool {
	key := fold(text)
	return key == g.DisplayNameKey || g.ExternalID != "" && key == fold(g.ExternalID)
}

func aliases(names []string) (string, error) {
	if names == nil {
		names = []string{}
	}
	out, err := json.Marshal(names)
	return string(out), err
}

// named says whether another group of the company goes by a text.
func (w *work) named(text, but string) (bool, error) {
	var others int64
	err := w.tx.Model(&Group{}).Where("id <> ?", but).Where("display_name_key = ? OR external_id = ?", fold(text), text).Count(&others).Error
	return others > 0, err
}

// unalias takes what a group goes by from the groups of the company that went by it
// before: from now on it means this one, and no rule that names it means theirs.
func (w *work) unalias(g Group) error {
	var list []Group
	if err := w.tx.Where("id <> ? AND aliases <> '[]'", g.ID).Order("id").Find(&list).Error; err != nil {
		return err
	}
	for _, other := range list {
		names := other.former()
		left := slices.DeleteFunc(slices.Clone(names), g.goesBy)
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
