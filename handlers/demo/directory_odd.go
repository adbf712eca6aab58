package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// oddity is one thing a client can send that is odd, or plainly wrong, with the
// answer a good server gives.
type oddity struct {
	Key, Label, Hint string
	send             func(d *Directory, ctx context.Context, p *directoryPerson, g *directoryGroup) error
}

// oddities are what can be sent, in the order of the page.
var oddities = []oddity{
	{"text-boolean", `"False" as text`, "Deactivates as Entra ID does. Any other text is 400.", sendTextBoolean},
	{"any-case", "Operations in any case", "rEpLaCe of TITLE. Taken.", sendAnyCase},
	{"wipe", "Remove members, naming none", "Empties the group. 400, unless the directory allows it.", sendWipe},
	{"duplicate", "A userName that is taken", "In capitals. 409, uniqueness.", sendDuplicate},
	{"early-member", "An unknown member first", "The group names somebody who comes right after. Attached.", sendEarlyMember},
	{"broken", "JSON that breaks off", "400, invalidSyntax.", sendBroken},
	{"stale", "A stale ETag", "If-Match of a version long gone. 412.", sendStale},
	{"sixty", "60 member operations", "One PATCH that takes members out and puts them back. Nothing changes.", sendSixty},
	{"put-all", "PUT everything", "The person and the group whole, members and all.", sendPutAll},
	{"me", "/Me", "A directory is nobody. 501.", sendMe},
	{"unknown-id", "An unknown id", "Or one of another company: 404 all the same.", sendUnknownID},
	{"xml", "XML", "415.", sendXML},
	{"no-token", "Without a token", "401.", sendNoToken},
}

// Odd sends one of the odd requests, about the first person and group that the
// hub knows.
func (d *Directory) Odd(ctx context.Context, key string) error {
	return d.odd(ctx, key, "", "")
}

// odd sends an odd request about a person and a group, by their keys; the first
// ones where those are not known to the hub.
func (d *Directory) odd(ctx context.Context, key, person, group string) error {
	at := slices.IndexFunc(oddities, func(o oddity) bool { return o.Key == key })
	if at < 0 {
		return nil
	}
	return d.do(ctx, oddities[at].Label, false, nil, func(ctx context.Context) error {
		var p *directoryPerson
		var g *directoryGroup
		for _, one := range d.people {
			if one.ID != "" && (p == nil || one.Key == person) {
				p = one
			}
		}
		for _, one := range d.groups {
			if one.ID != "" && (g == nil || one.Key == group) {
				g = one
			}
		}
		if p == nil || g == nil {
			return nil // the hub knows nobody yet
		}
		err := oddities[at].send(d, ctx, p, g)
		if no := (refusal{}); errors.As(err, &no) {
			return nil // it is on the page, and was to be expected
		}
		return err
	})
}

func sendTextBoolean(d *Directory, ctx context.Context, p *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, patch("/Users/"+p.ID, operation{"Replace", "active", "False"}))
	if err == nil {
		d.locked(func() { p.Active, p.Sent = false, nil })
	}
	return err
}

func sendAnyCase(d *Directory, ctx context.Context, p *directoryPerson, _ *directoryGroup) error {
	title := "Senior " + strings.TrimPrefix(p.Title, "Senior ")
	_, err := d.send(ctx, patch("/users/"+p.ID, operation{"rEpLaCe", "TITLE", title}))
	if err == nil {
		d.locked(func() {
			sent := p.wanted()
			sent.Title = title
			p.Title, p.Sent = title, &sent
		})
	}
	return err
}

func sendWipe(d *Directory, ctx context.Context, _ *directoryPerson, g *directoryGroup) error {
	_, err := d.send(ctx, patch("/Groups/"+g.ID, operation{Op: "remove", Path: "members"}))
	if err == nil {
		d.locked(func() { g.People, g.Groups, g.Members = nil, nil, nil })
	}
	return err
}

func sendDuplicate(d *Directory, ctx context.Context, p *directoryPerson, _ *directoryGroup) error {
	is := p.wanted()
	is.UserName = strings.ToUpper(is.UserName)
	_, err := d.send(ctx, call{Method: "POST", Path: "/Users", Body: d.client.whole(objectID("twin of "+p.Key), is)})
	return err
}

func sendEarlyMember(d *Directory, ctx context.Context, p *directoryPerson, g *directoryGroup) error {
	_, domain, _ := strings.Cut(p.UserName, "@")
	var early *directoryPerson
	d.locked(func() {
		name := fmt.Sprintf("early.%d@%s", d.count, domain)
		early = &directoryPerson{Key: objectID("person " + name), Assigned: true, Profile: Profile{UserName: name, Email: name, GivenName: "Early",
			FamilyName: fmt.Sprintf("Number %d", d.count), Department: p.Department, Country: p.Country, Active: true}}
		d.people = append(d.people, early)
		g.People = append(g.People, early.Key)
	})
	if _, err := d.send(ctx, d.client.membership(g.ID, []object{d.client.member(early.Key, early.Email)}, nil)); err != nil {
		return err
	}
	if err := d.tell(ctx, early); err != nil {
		return err
	}
	d.locked(func() { g.Members = d.members(g) }) // attached by itself
	return nil
}

func sendBroken(d *Directory, ctx context.Context, p *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, call{Method: "PATCH", Path: "/Users/" + p.ID, Body: `{"schemas":["` + patchSchema + `"],"Operations":[{"op":"replace","value":{"title":"Br`})
	return err
}

func sendStale(d *Directory, ctx context.Context, p *directoryPerson, _ *directoryGroup) error {
	stale := patch("/Users/"+p.ID, operation{"replace", "title", "Of long ago"})
	stale.IfMatch = `W/"0"`
	_, err := d.send(ctx, stale)
	return err
}

func sendSixty(d *Directory, ctx context.Context, p *directoryPerson, g *directoryGroup) error {
	members := slices.Clone(g.Members)
	if len(members) == 0 {
		members = []string{p.ID}
		d.locked(func() { g.People, g.Members = put(g.People, p.Key, true), members })
	}
	var operations []operation
	for i := range 30 {
		id := members[i%len(members)]
		operations = append(operations, operation{Op: "remove", Path: "members[value eq " + quoted(id) + "]"},
			operation{"add", "members", []object{{"value": id}}})
	}
	_, err := d.send(ctx, patch("/Groups/"+g.ID, operations...))
	return err
}

func sendPutAll(d *Directory, ctx context.Context, p *directoryPerson, g *directoryGroup) error {
	is := p.wanted()
	if _, err := d.send(ctx, call{Method: "PUT", Path: "/Users/" + p.ID, Body: d.client.whole(p.Key, is)}); err != nil {
		return err
	}
	members := d.members(g)
	body := object{"schemas": []string{groupSchema}, "id": g.ID, "displayName": g.Name, "members": d.written(members)}
	_, err := d.send(ctx, call{Method: "PUT", Path: "/Groups/" + g.ID, Body: body})
	if err == nil {
		d.locked(func() { p.Sent, g.Sent, g.Members = &is, g.Name, members })
	}
	return err
}

func sendMe(d *Directory, ctx context.Context, _ *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, call{Method: "GET", Path: "/Me"})
	return err
}

func sendUnknownID(d *Directory, ctx context.Context, _ *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, call{Method: "GET", Path: "/Users/dusr_of_somebody_else"})
	return err
}

func sendXML(d *Directory, ctx context.Context, _ *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, call{Method: "POST", Path: "/Users", Body: "<user><userName>anna</userName></user>", ContentType: "application/xml"})
	return err
}

func sendNoToken(d *Directory, ctx context.Context, _ *directoryPerson, _ *directoryGroup) error {
	_, err := d.send(ctx, call{Method: "GET", Path: "/Users", Nameless: true})
	return err
}
