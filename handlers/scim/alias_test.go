package scim_test

import (
	"testing"

	"locum/models/directory"
	"locum/models/tenancy"
)

// renamed is a PATCH that renames a group.
func (h *hub) renamed(group, name string) {
	h.t.Helper()
	h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","path":"displayName","value":"`+name+`"}`))
}

// Whoever was in "Admins" must not stay an admin because his group was once called
// so, when another group is called so now.
func TestAFormerNameIsLostWhenAnotherGroupTakesIt(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Admins", tenancy.Superuser)
		h.rule("Users", tenancy.Member)
		ada, uwe := h.group("Admins", h.user("ada")), h.group("Users", h.user("uwe"))
		for range 2 {
			h.holdsAre("ada@devries.example", "superuser/rule")
			h.holdsAre("uwe@devries.example", "member/rule")
			h.renamed(ada, "Former staff") // and keeps what hangs on it
		}
		h.renamed(uwe, "Admins") // by a rename, in any case
		h.holdsAre("ada@devries.example")
		h.holdsAre("uwe@devries.example", "member/rule", "superuser/rule") // nobody took "Users" from it
	})
}

func TestSwappedNamesMeanTheGroupsThatHaveThem(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Admins", tenancy.Superuser)
		h.rule("Users", tenancy.Member)
		ada, uwe := h.group("Admins", h.user("ada")), h.group("Users", h.user("uwe"))
		h.renamed(ada, "Between")
		h.wants(200, "PUT", "/Groups/"+uwe, `{"displayName":"ADMINS"}`)
		h.renamed(ada, "Users")
		h.holdsAre("ada@devries.example", "member/rule")
		h.holdsAre("uwe@devries.example", "superuser/rule")
		// And back again: a name that it had before is its own name now.
		h.renamed(ada, "Between")
		h.renamed(uwe, "Users")
		h.renamed(ada, "Admins")
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.holdsAre("uwe@devries.example", "member/rule")
	})
}

// Names need not be unique: who leaves one that another group has too leaves it
// for good.
func TestAFormerNameThatAnotherGroupHasIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Admins", tenancy.Superuser)
		ada, uwe := h.group("Admins", h.user("ada")), h.group("admins", h.user("uwe"))
		h.holdsAre("uwe@devries.example", "superuser/rule")
		h.renamed(ada, "Former staff")
		h.holdsAre("ada@devries.example")
		h.holdsAre("uwe@devries.example", "superuser/rule")
		h.renamed(uwe, "Staff") // nobody has it now, and it was his group's last
		h.holdsAre("uwe@devries.example", "superuser/rule")
	})
}

func TestTwoDirectoriesOfACompanyHaveAGroupOfTheSameName(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Admins", tenancy.Superuser)
		first := h.token
		ada := h.group("Admins", h.user("ada"))
		_, second, err := h.directories.Add(h.Ctx, h.Actor("marieke"), directory.Draft{Name: "Okta", Kind: directory.Okta})
		h.must(err)
		h.token = second
		uwe := h.group("Admins", h.user("uwe"))
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.holdsAre("uwe@devries.example", "superuser/rule")
		h.wants(204, "DELETE", "/Groups/"+uwe, "") // the other's stays
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.holdsAre("uwe@devries.example")
		h.token = first
		h.renamed(ada, "Former staff")
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.token = second
		h.group("Admins") // another directory takes the name: for the company it means that group
		h.must(h.directories.Advance(h.Ctx))
		h.holdsAre("ada@devries.example")
	})
}

// renumbered is a PATCH that changes the id by which the provider calls a group.
func (h *hub) renumbered(group, id string) {
	h.t.Helper()
	h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","path":"externalId","value":"`+id+`"}`))
}

// Rules keep the provider's id of a group: they go on meaning it when that changes,
// until another group has it.
func TestAGroupKeepsItsRolesWhenItsExternalIDChanges(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("old-id", tenancy.Superuser)
		ada, uwe := h.group("Admins", h.user("ada")), h.group("Users", h.user("uwe"))
		h.renumbered(ada, "old-id")
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.renumbered(ada, "new-id")
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.renamed(ada, "Former staff")
		h.holdsAre("ada@devries.example", "superuser/rule")
		h.wants(200, "PUT", "/Groups/"+ada, `{"displayName":"Former staff"}`) // without any
		h.holdsAre("ada@devries.example", "superuser/rule")

		h.renumbered(uwe, "OLD-ID") // in any case
		h.holdsAre("ada@devries.example")
		h.holdsAre("uwe@devries.example", "superuser/rule")
		h.renumbered(uwe, "third-id")
		h.holdsAre("ada@devries.example")
		h.holdsAre("uwe@devries.example", "superuser/rule")
	})
}

func TestAFormerExternalIDMeansTheGroupThatIsMadeWithIt(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("old-id", tenancy.Superuser)
		ada, uwe := h.group("Admins", h.user("ada")), h.user("uwe")
		h.renumbered(ada, "old-id")
		h.renumbered(ada, "new-id")
		h.wants(201, "POST", "/Groups", `{"displayName":"Others","externalId":"old-id","members":[{"value":"`+uwe+`"}]}`)
		h.holdsAre("ada@devries.example")
		h.holdsAre("uwe@devries.example", "superuser/rule")
	})
}
