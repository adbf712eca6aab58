package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/secret"
	"locum/models/store"
)

// Move is a group that connectors name as sign-ins do, and the directory's group
// that can take its place.
type Move struct {
	Text       string // by which connectors name it
	To         MappedGroup
	Connectors []provisioning.Saved // that name it, by name
}

// Left is a group that connectors name and that stays as it is.
type Left struct {
	Text       string
	Ambiguous  bool // several groups of directories go by it
	Connectors []provisioning.Saved
}

// Migration is the way from groups as sign-ins name them to those of
// directories.
type Migration struct {
	Moves []Move // by text
	Left  []Left // by text
	// Batch are the connectors as they will be, of the moves that were chosen.
	Batch provisioning.Batch
	// Stamp changes when a connector changes or a group that takes a place.
	Stamp string
}

// Migration finds the groups that connectors of the actor's company name, and
// for each the group of a directory that goes by the same name or former name.
// chosen are the texts of the moves that the Batch holds.
func (d *Directories) Migration(ctx context.Context, by models.Actor, chosen []string) (m Migration, err error) {
	err = d.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		managed, err := managedGroups(tx, tx.Actor.Effective.Company)
		if err != nil {
			return err
		}
		list, err := provisioning.Load(tx, tx.Actor.Effective.Company)
		if err != nil {
			return err
		}
		m = migration(list, managed)
		m.choose(list, chosen)
		return nil
	})
	return m, err
}

// Migrate has connectors name the groups of directories in place of what they
// name so far: in one publication, which can be undone. stamp is that of the
// Migration which somebody looked at; a Conflict says that it is over.
func (d *Directories) Migrate(ctx context.Context, by models.Actor, chosen []string, stamp string, how provisioning.Publishing) (done provisioning.Published, err error) {
	m, err := d.Migration(ctx, by, chosen)
	if err != nil {
		return done, err
	}
	if m.Stamp != stamp {
		return done, models.Fail(models.Conflict, "provisioning.error.changed_meanwhile")
	}
	return d.connectors.SaveAll(ctx, by, m.Batch, how)
}

func migration(list []provisioning.Saved, managed []MappedGroup) (m Migration) {
	ids, names, former := textsOf(managed)
	var stamp strings.Builder
	at := map[string][]provisioning.Saved{}
	var texts []string
	for _, s := range list {
		fmt.Fprintf(&stamp, "%s %d\n", s.ID, s.Version)
		for _, text := range s.Condition.GroupsNamed() {
			if at[text] == nil {
				texts = append(texts, text)
			}
			at[text] = append(at[text], s)
		}
	}
	slices.Sort(texts)
	for _, text := range texts {
		key := fold(text)
		fitting := names[key]
		if len(fitting) == 0 {
			fitting = former[key]
		}
		switch {
		case ids[key]: // by its id already
		case len(fitting) == 1:
			to := managed[fitting[0]]
			m.Moves = append(m.Moves, Move{Text: text, To: to, Connectors: at[text]})
			fmt.Fprintf(&stamp, "%s -> %s\n", text, to.ID)
		default:
			m.Left = append(m.Left, Left{Text: text, Ambiguous: len(fitting) > 1, Connectors: at[text]})
		}
	}
	m.Stamp = secret.Hash(stamp.String())
	return m
}

// textsOf are what groups go by, folded: their ids, and the groups by their names
// and by the names that they had before.
func textsOf(managed []MappedGroup) (ids map[string]bool, names, former map[string][]int) {
	ids, names, former = map[string]bool{}, map[string][]int{}, map[string][]int{}
	for i, g := range managed {
		ids[fold(g.ID)], ids[fold(g.own)] = true, true
		names[fold(g.Name)] = append(names[fold(g.Name)], i)
		for _, text := range g.texts {
			if key := fold(text); !ids[key] && key != fold(g.Name) {
				former[key] = append(former[key], i)
			}
		}
	}
	return ids, names, former
}

// choose makes the batch of the moves that were chosen.
func (m *Migration) choose(list []provisioning.Saved, chosen []string) {
	m.Batch.Cause = provisioning.GroupsMigrated
	ids := map[string]string{}
	changed := map[string]bool{}
	for _, move := range m.Moves {
		if !slices.Contains(chosen, move.Text) {
			continue
		}
		ids[move.Text] = move.To.ID
		for _, s := range move.Connectors {
			changed[s.ID] = true
		}
	}
	for _, s := range list {
		if changed[s.ID] {
			c := s.Connector
			c.Condition = provisioning.Named(c.Condition, ids)
			m.Batch.Save = append(m.Batch.Save, c)
		}
	}
}
