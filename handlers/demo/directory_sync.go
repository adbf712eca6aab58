package demo

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// cycle looks at everybody and every group anew, as a client does from time to
// time: what the hub has otherwise is set right.
func (d *Directory) cycle(ctx context.Context) error {
	d.locked(func() {
		for _, p := range d.people {
			p.Refused = ""
		}
		for _, g := range d.groups {
			g.Refused = ""
		}
	})
	for _, p := range slices.Clone(d.people) {
		if p.Assigned || p.ID != "" {
			if err := d.tell(ctx, p); err != nil {
				return err
			}
		}
	}
	for _, g := range slices.Clone(d.groups) {
		if err := d.tellGroup(ctx, g, true); err != nil {
			return err
		}
	}
	return nil
}

// settle tells the hub what it does not know yet, people before their groups.
func (d *Directory) settle(ctx context.Context) error {
	for _, p := range slices.Clone(d.people) {
		if p.behind() {
			if err := d.tell(ctx, p); err != nil {
				return err
			}
		}
	}
	for _, g := range slices.Clone(d.groups) {
		if d.behind(g) {
			if err := d.tellGroup(ctx, g, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// waiting is how many people and groups the hub is behind with.
func (d *Directory) waiting() (n int) {
	for _, p := range d.people {
		if p.behind() {
			n++
		}
	}
	for _, g := range d.groups {
		if d.behind(g) {
			n++
		}
	}
	return n
}

// sort turns a refusal into a mark, so that the others go on.
func (d *Directory) sort(err error, refused *string) error {
	var no refusal
	if errors.As(err, &no) {
		d.locked(func() { *refused = no.Error() })
		return nil
	}
	return err
}

// tell brings the hub up to date about somebody: it looks him up, makes him
// where there is none, and changes what is otherwise.
func (d *Directory) tell(ctx context.Context, p *directoryPerson) error {
	return d.sort(d.tellOnce(ctx, p), &p.Refused)
}

func (d *Directory) tellOnce(ctx context.Context, p *directoryPerson) error {
	found, err := d.first(ctx, d.client.lookUp(p))
	if err != nil {
		return err
	}
	is := p.wanted()
	id, _ := found["id"].(string)
	switch {
	case id == "" && !p.Assigned:
		d.locked(p.forget)
		return nil
	case id == "":
		made, err := d.send(ctx, call{Method: "POST", Path: "/Users", Body: d.client.whole(p.Key, is)})
		if err != nil {
			return err
		}
		id, _ = made["id"].(string)
		d.locked(func() { p.ID, p.Sent = id, &is })
		return nil
	}
	was := profileOf(found)
	d.locked(func() { p.ID, p.Sent = id, &was })
	if was != is {
		if _, err := d.send(ctx, d.client.change(id, p.Key, was, is)); err != nil {
			return err
		}
		d.locked(func() { p.Sent = &is })
	}
	if p.Erased && d.client.entra() {
		if _, err := d.send(ctx, call{Method: "DELETE", Path: "/Users/" + id}); err != nil && !gone(err) {
			return err
		}
		d.locked(p.forget)
	}
	return nil
}

// first sends a look-up and gives the one it found: of a list its first, or the
// resource itself. Nothing when there is none.
func (d *Directory) first(ctx context.Context, c call) (object, error) {
	answer, err := d.send(ctx, c)
	switch {
	case gone(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	list, isList := answer["Resources"].([]any)
	if !isList {
		return answer, nil
	}
	if len(list) == 0 {
		return nil, nil
	}
	found, _ := list[0].(object)
	return found, nil
}

// profileOf reads a resource of the hub as far as the provider compares it.
func profileOf(user object) Profile {
	text := func(from object, name string) string { value, _ := from[name].(string); return value }
	work := func(list, name string) string {
		values, _ := user[list].([]any)
		for _, one := range values {
			if value, _ := one.(object); text(value, "type") == "work" {
				return text(value, name)
			}
		}
		return ""
	}
	name, _ := user["name"].(object)
	enterprise, _ := user[enterpriseSchema].(object)
	active, _ := user["active"].(bool)
	return Profile{UserName: text(user, "userName"), Email: work("emails", "value"), GivenName: text(name, "givenName"), FamilyName: text(name, "familyName"),
		Department: text(enterprise, "department"), Title: text(user, "title"), Country: work("addresses", "country"), Active: active}
}

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
