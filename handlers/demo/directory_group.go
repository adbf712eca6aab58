package demo

import (
	"cmp"
	"context"
	"slices"
)

// members are the ids at the hub of who is in a group. Okta knows no groups in
// groups: it sends the people of those within.
func (d *Directory) members(g *directoryGroup) []string {
	var ids []string
	seen := map[string]bool{}
	var walk func(*directoryGroup)
	walk = func(g *directoryGroup) {
		if seen[g.Key] {
			return
		}
		seen[g.Key] = true
		for _, p := range d.people {
			if p.ID != "" && slices.Contains(g.People, p.Key) {
				ids = append(ids, p.ID)
			}
		}
		for _, inner := range d.groups {
			switch {
			case !slices.Contains(g.Groups, inner.Key) || inner.Erased:
			case d.client == ClientOkta:
				walk(inner)
			case inner.ID != "":
				ids = append(ids, inner.ID)
			}
		}
	}
	walk(g)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// behind says that the hub does not know a group as it is.
func (d *Directory) behind(g *directoryGroup) bool {
	return g.Refused == "" && (g.Erased || g.ID == "" || g.Sent != g.Name || !slices.Equal(g.Members, d.members(g)))
}

// tellGroup brings the hub up to date about a group. In a cycle Entra ID asks
// of each member whether it is one, and Okta sends them all.
func (d *Directory) tellGroup(ctx context.Context, g *directoryGroup, cycle bool) error {
	return d.sort(d.tellGroupOnce(ctx, g, cycle), &g.Refused)
}

func (d *Directory) tellGroupOnce(ctx context.Context, g *directoryGroup, cycle bool) error {
	if g.Erased {
		if g.ID != "" {
			if _, err := d.send(ctx, call{Method: "DELETE", Path: "/Groups/" + g.ID}); err != nil && !gone(err) {
				return err
			}
		}
		d.locked(func() { d.groups = slices.DeleteFunc(d.groups, func(o *directoryGroup) bool { return o == g }) })
		return nil
	}
	found, err := d.first(ctx, d.client.lookUpGroup(g))
	if err == nil && found == nil && g.ID != "" { // deleted there
		d.locked(g.forget)
		found, err = d.first(ctx, d.client.lookUpGroup(g))
	}
	if err != nil {
		return err
	}
	wanted := d.members(g)
	if found == nil {
		if found, err = d.send(ctx, d.client.newGroup(g, d.written(wanted))); err != nil {
			return err
		}
		id, _ := found["id"].(string)
		d.locked(func() {
			if g.ID, g.Sent, g.Members = id, g.Name, nil; d.client == ClientOkta {
				g.Members = wanted
			}
		})
		cycle = false // who is in it is known: nobody
	} else {
		id, _ := found["id"].(string)
		name, _ := found["displayName"].(string)
		d.locked(func() { cycle = cycle || g.ID == ""; g.ID, g.Sent = id, name })
	}
	if g.Sent != g.Name {
		if _, err := d.send(ctx, d.client.rename(g.ID, g.Name)); err != nil {
			return err
		}
		d.locked(func() { g.Sent = g.Name })
	}
	return d.tellMembers(ctx, g, wanted, cycle)
}

// tellMembers sends who came and who went.
func (d *Directory) tellMembers(ctx context.Context, g *directoryGroup, wanted []string, cycle bool) error {
	add, remove := without(wanted, g.Members), without(g.Members, wanted)
	if d.client == ClientOkta && cycle {
		_, err := d.send(ctx, patch("/Groups/"+g.ID, operation{"replace", "members", d.written(wanted)}))
		if err == nil {
			d.locked(func() { g.Members = wanted })
		}
		return err
	}
	// Who is in a group that is full of people is asked before it is changed.
	if d.client.entra() && (cycle || len(g.Members) > 0) {
		if cycle {
			add = wanted
		}
		var err error
		if add, err = d.probed(ctx, g, add, false); err != nil {
			return err
		}
		if remove, err = d.probed(ctx, g, remove, true); err != nil {
			return err
		}
	}
	if len(add)+len(remove) > 0 {
		if _, err := d.send(ctx, d.client.membership(g.ID, d.written(add), d.written(remove))); err != nil {
			return err
		}
	}
	d.locked(func() { g.Members = wanted })
	return nil
}

// probed keeps those of whom the hub says that they are members, or are not.
func (d *Directory) probed(ctx context.Context, g *directoryGroup, ids []string, members bool) (kept []string, err error) {
	for _, id := range ids {
		found, err := d.first(ctx, d.client.probe(g.ID, id))
		if err != nil {
			return nil, err
		}
		if (found != nil) == members {
			kept = append(kept, id)
		}
	}
	return kept, nil
}

// written are members as the client writes them.
func (d *Directory) written(ids []string) []object {
	list := make([]object, 0, len(ids))
	for _, id := range ids {
		display := ""
		for _, p := range d.people {
			if p.ID == id {
				display = cmp.Or(p.Email, p.UserName)
			}
		}
		list = append(list, d.client.member(id, display))
	}
	return list
}

// without are those of a list that are not in another.
func without(list, others []string) (kept []string) {
	for _, one := range list {
		if !slices.Contains(others, one) {
			kept = append(kept, one)
		}
	}
	return kept
}
