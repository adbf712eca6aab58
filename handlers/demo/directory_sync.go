package demo

import (
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
