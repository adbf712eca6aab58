package directory

import (
	"context"
	"slices"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// CreateGroup adds a group with its members.
func (d *Directories) CreateGroup(ctx context.Context, c Client, body map[string]any) (found Found, err error) {
	rest, sent, _ := split(body)
	r, err := GroupType.normal(rest)
	if err != nil {
		return found, err
	}
	ids, err := memberIDs(sent)
	if err != nil {
		return found, err
	}
	err = d.change(ctx, c, func(w *work) error {
		now := models.At(w.tx.Now())
		g := Group{CompanyID: c.CompanyID, ID: models.NewID("dgrp"), DirectoryID: c.ID, Aliases: "[]", Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := g.take(r); err != nil {
			return err
		}
		if err := w.tx.Create(&g).Error; err != nil {
			return err
		}
		if err := w.unalias(g); err != nil {
			return err
		}
		if _, err := w.addMembers(g.ID, ids); err != nil {
			return err
		}
		if err := w.attach(g.ID, GroupMember, g.ExternalID); err != nil {
			return err
		}
		w.recordGroup(event.DirectoryGroupCreated, g, nil)
		found, err = w.groupFound(g, true)
		return err
	})
	return found, err
}

// ReplaceGroup is PUT: what the body leaves out goes, but for members, of which
// only the difference is written.
func (d *Directories) ReplaceGroup(ctx context.Context, c Client, id string, body map[string]any, match Match) (Found, error) {
	rest, sent, said := split(body)
	r, err := GroupType.normal(rest)
	if err != nil {
		return Found{}, err
	}
	ids, err := memberIDs(sent)
	if err != nil {
		return Found{}, err
	}
	return d.changeGroup(ctx, c, id, match, true, func(w *work, g Group, _ Resource) (Resource, bool, error) {
		if !said {
			return r, false, nil
		}
		changed, err := w.replaceMembers(g.ID, ids)
		return r, changed, err
	})
}

// PatchGroup applies operations, all or none. members says whether they are
// wanted in the answer.
func (d *Directories) PatchGroup(ctx context.Context, c Client, id string, operations []Operation, match Match, members bool) (Found, error) {
	return d.changeGroup(ctx, c, id, match, members, func(w *work, g Group, was Resource) (Resource, bool, error) {
		next := copied(was).(Resource)
		changed := false
		if err := w.holdNamed(operations); err != nil {
			return nil, false, err
		}
		for _, o := range operations {
			did, err := w.patchGroup(g, next, o)
			if err != nil {
				return nil, false, err
			}
			changed = changed || did
		}
		return next, changed, nil
	})
}

func (d *Directories) changeGroup(ctx context.Context, c Client, id string, match Match, members bool, change func(*work, Group, Resource) (Resource, bool, error)) (found Found, err error) {
	err = d.change(ctx, c, func(w *work) error {
		g, err := w.group(id, true)
		if err != nil {
			return err
		}
		if err := match.check(g.Version); err != nil {
			return err
		}
		was, err := g.whole()
		if err != nil {
			return err
		}
		r, changed, err := change(w, g, was)
		if err != nil {
			return err
		}
		if err := w.saveGroup(&g, was, r, changed); err != nil {
			return err
		}
		found, err = w.groupFound(g, members)
		return err
	})
	return found, err
}

// saveGroup writes what changed of a group beside its members.
func (w *work) saveGroup(g *Group, was, r Resource, members bool) error {
	before := *g
	if err := g.take(r); err != nil {
		return err
	}
	now, err := g.whole()
	if err != nil {
		return err
	}
	if same(was, now) && !members {
		return nil
	}
	if g.DisplayName != before.DisplayName || g.ExternalID != before.ExternalID {
		if err := w.rename(g, before); err != nil {
			return err
		}
	}
	g.Version, g.UpdatedAt = g.Version+1, models.At(w.tx.Now())
	err = w.tx.Model(&Group{}).Where("directory_id = ? AND id = ?", w.ID, g.ID).Updates(map[string]any{"display_name": g.DisplayName, "display_name_key": g.DisplayNameKey,
		"external_id": g.ExternalID, "resource": g.Resource, "aliases": g.Aliases, "version": g.Version, "updated_at": g.UpdatedAt}).Error
	if err != nil {
		return err
	}
	w.recordGroup(event.DirectoryGroupUpdated, *g, difference(was, now))
	return nil
}

// DeleteGroup removes a group, and evaluates everyone who was in it.
func (d *Directories) DeleteGroup(ctx context.Context, c Client, id string, match Match) error {
	return d.change(ctx, c, func(w *work) error {
		g, err := w.group(id, true)
		if err != nil {
			return err
		}
		if err := match.check(g.Version); err != nil {
			return err
		}
		users, err := w.below([]string{id})
		if err != nil {
			return err
		}
		slices.Sort(users)
		if err := w.lockUsers(users); err != nil {
			return err
		}
		for _, user := range users {
			w.touch(user)
		}
		for _, of := range []string{"group_id = ?", "member_id = ?"} {
			if err := w.tx.Where(of, id).Delete(&Member{}).Error; err != nil {
				return err
			}
		}
		w.recordGroup(event.DirectoryGroupDeleted, g, nil)
		return w.tx.Where("directory_id = ? AND id = ?", w.ID, id).Delete(&Group{}).Error
	})
}

func (w *work) recordGroup(kind string, g Group, previous map[string]any) {
	data := map[string]any{"directory": w.ID, "external_id": g.ExternalID, "request": w.Request, event.Object: event.DirectoryGroup{ID: g.ID, Name: g.DisplayName}}
	if len(previous) > 0 {
		data[store.Previous] = previous
	}
	w.tx.Record(kind, store.About{ID: g.ID, Name: g.DisplayName, Company: g.CompanyID, Data: data})
}
