package scim_test

import (
	"fmt"
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// left counts what is kept of a directory, over all its tables.
func (h *hub) left(id string) (n int64) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		for _, table := range []any{&directory.User{}, &directory.Group{}, &directory.Member{}, &directory.Request{}, &directory.Token{}} {
			var some int64
			if err := tx.Model(table).Where("directory_id = ?", id).Count(&some).Error; err != nil {
				return err
			}
			n += some
		}
		var own int64
		err := tx.Model(&directory.Directory{}).Where("id = ?", id).Count(&own).Error
		n += own
		return err
	})
	return n
}

// signIn is what a sign-in of somebody at De Vries says of his groups.
func (h *hub) signIn(key string, groups ...string) *models.Error {
	h.t.Helper()
	var refusal *models.Error
	h.System(func(tx *store.Tx) (err error) {
		refusal, err = h.directories.Resolve(tx, federation.Said{Company: h.Production.Company, Account: h.ID(key), Connection: "con_1",
			Assertion: models.NewID("ass"), At: models.At(h.Now()), Attributes: []federation.Attribute{{Name: "groups", Values: groups}}})
		return err
	})
	return refusal
}

func TestADirectoryIsRemovedWithTheRolesThatRestedOnIt(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.directories.DecideAtOnce(2) // so that it takes several parts
		h.rule("Editors", tenancy.Member)
		h.rule("Leads", tenancy.Superuser)
		var people []string
		for i := range 6 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		anna := h.user("anna")
		h.group("Editors", append(people, anna, "somebody who never came")...)
		h.group("Outer", h.group("Inner", people[0]))
		h.must(h.directories.Advance(h.Ctx))
		if refusal := h.signIn("anna", "Leads"); refusal != nil {
			t.Fatal(refusal)
		}
		h.holdsAre("anna@devries.example", "member/rule", "superuser/rule")
		by, id := h.Actor("marieke"), h.directory.ID
		n, err := h.directories.Matched(h.Ctx, by, id)
		h.must(err)
		if n != 7 {
			t.Fatalf("%d people are matched", n)
		}
		h.Wants(h.directories.Remove(h.Ctx, by, id, directory.Ending{Name: "entra", People: 7}), models.Invalid, "confirm")
		h.Wants(h.directories.Remove(h.Ctx, by, id, directory.Ending{Name: "Entra", People: 6}), models.Invalid, "people")
		h.Wants(h.directories.Remove(h.Ctx, h.Actor("karin"), id, directory.Ending{Name: "Entra", People: 7}), models.NotFound, "not_found")
		h.Wants(h.directories.Remove(h.Ctx, h.Actor("anna"), id, directory.Ending{Name: "Entra", People: 7}), models.Forbidden, "forbidden")
		h.wants(200, "GET", "/Users", "")
		h.must(h.directories.Remove(h.Ctx, by, id, directory.Ending{Name: "Entra", People: 7}))
		h.wants(401, "GET", "/Users", "")
		_, err = h.directories.Get(h.Ctx, by, id)
		h.Wants(err, models.NotFound, "not_found")
		// As after a restart: whatever was going on, the sweep goes through all.
		again := directory.New(h.Store, provisioning.NewConnectors(h.Store))
		h.must(again.Advance(h.Ctx))
		for i := range 6 {
			h.holdsAre(fmt.Sprintf("p%d@devries.example", i))
		}
		h.holdsAre("anna@devries.example", "superuser/rule") // what her sign-in said
		if n := h.left(id); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if n := h.events(event.DirectoryDisabled); n != 1 {
			t.Errorf("%d events tell of it", n)
		}
	})
}

func TestADirectoryIsRemovedAndItsPeopleKeepTheirRoles(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		h.group("Editors", h.user("bo"), h.user("anna"))
		gone := h.user("cas")
		h.wants(200, "PATCH", "/Users/"+gone, patch(`{"op":"replace","value":{"active":false}}`))
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), h.directory.ID, directory.Ending{Name: "Entra", Leave: true}))
		h.must(h.directories.Advance(h.Ctx))
		if n := h.left(h.directory.ID); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		h.holdsAre("bo@devries.example", "member/rule")
		h.holdsAre("anna@devries.example", "member/rule")
		h.holdsAre("cas@devries.example")
		// A later change of the rules still finds them, until a sign-in knows better.
		h.rule("Writers", tenancy.Superuser)
		h.holdsAre("bo@devries.example", "member/rule")
		if refusal := h.signIn("anna", "Writers"); refusal != nil {
			t.Fatal(refusal)
		}
		h.holdsAre("anna@devries.example", "superuser/rule")
	})
}

func TestWhoIsInAnotherDirectoryFollowsThatOne(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		h.rule("Leads", tenancy.Superuser)
		h.group("Editors", h.user("bo"))
		first, own := h.directory.ID, h.token
		_, second, err := h.directories.Add(h.Ctx, h.Actor("marieke"), directory.Draft{Name: "Okta", Kind: directory.Okta})
		h.must(err)
		h.token = second
		bo := h.user("bo")
		h.group("Leads", bo)
		h.holdsAre("bo@devries.example", "member/rule", "superuser/rule")
		// Each speaks for its own groups, whichever spoke last.
		h.token = own
		h.wants(200, "GET", "/Users", "")
		users := h.wants(200, "GET", "/Users", "").at("Resources", 0, "id").(string)
		h.wants(200, "PATCH", "/Users/"+users, patch(`{"op":"replace","path":"title","value":"Baker"}`))
		h.holdsAre("bo@devries.example", "member/rule", "superuser/rule")
		h.wants(200, "PATCH", "/Users/"+users, patch(`{"op":"replace","value":{"active":false}}`))
		h.holdsAre("bo@devries.example", "superuser/rule")
		h.wants(200, "PATCH", "/Users/"+users, patch(`{"op":"replace","value":{"active":true}}`))
		h.holdsAre("bo@devries.example", "member/rule", "superuser/rule")
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), first, directory.Ending{Name: "Entra", People: 1}))
		h.must(h.directories.Advance(h.Ctx))
		h.holdsAre("bo@devries.example", "superuser/rule")
	})
}

// A removal that was held when the directory went goes through with the others.
func TestHeldRemovalsGoThroughWithTheDirectory(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 7 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		h.group("Editors", people...)
		for _, id := range people {
			h.wants(204, "DELETE", "/Users/"+id, "")
		}
		n, err := h.directories.Matched(h.Ctx, h.Actor("marieke"), h.directory.ID)
		h.must(err)
		if n != 2 {
			t.Fatalf("%d people are matched", n)
		}
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), h.directory.ID, directory.Ending{Name: "Entra", People: 2}))
		h.must(h.directories.Advance(h.Ctx))
		for i := range people {
			if got := h.holds(fmt.Sprintf("p%d@devries.example", i)); !slices.Equal(got, nil) {
				t.Errorf("p%d holds %q", i, got)
			}
		}
	})
}

// Removing a directory decides about the removals that wait, by whichever way: an
// operator who sets it up on the company's behalf may not.
func TestADirectoryWithRemovalsThatWaitIsRemovedByWhoManagesPeople(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 7 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		group := h.group("Editors", people...)
		h.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", h.ID("thomas")).Update("operator", true).Error
		})
		_, err := h.Sessions.BeginSetUp(h.Ctx, h.Actor("thomas"), h.Production.Company, "They asked for help")
		h.must(err)
		operator := h.Actor("thomas")
		count, err := h.directories.Matched(h.Ctx, operator, h.directory.ID)
		h.must(err) // nothing waits
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","path":"members","value":[]}`))
		_, err = h.directories.Matched(h.Ctx, operator, h.directory.ID)
		h.Wants(err, models.Forbidden, "remove_held")
		for _, in := range []directory.Ending{{Name: "Entra", Leave: true}, {Name: "Entra", People: int(count)}} {
			h.Wants(h.directories.Remove(h.Ctx, operator, h.directory.ID, in), models.Forbidden, "remove_held")
		}
		h.wants(200, "GET", "/Users", "")
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), h.directory.ID, directory.Ending{Name: "Entra", People: int(count)}))
	})
}
