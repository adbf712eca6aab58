package scim_test

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestRolesFollowAGroupAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		bo := h.user("bo")
		group := h.group("Editors")
		h.holdsAre("bo@devries.example")
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"`+bo+`"}]}`))
		h.holdsAre("bo@devries.example", "member/rule")
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"Remove","path":"members","value":[{"value":"`+bo+`"}]}`))
		h.holdsAre("bo@devries.example")
	})
}

func TestANestedGroupCountsAndCyclesAreSafe(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		inner := h.group("Inner", h.user("bo"))
		outer := h.group("Editors")
		h.wants(204, "PATCH", "/Groups/"+outer, patch(`{"op":"add","path":"members","value":`+values(inner)+`}`))
		h.holdsAre("bo@devries.example", "member/rule")
		h.wants(204, "PATCH", "/Groups/"+inner, patch(`{"op":"add","path":"members","value":`+values(outer)+`}`))
		h.holdsAre("bo@devries.example", "member/rule")
		h.wants(204, "PATCH", "/Groups/"+outer, patch(`{"op":"remove","path":"members[value eq \"`+inner+`\"]"}`))
		h.holdsAre("bo@devries.example")
	})
}

func TestAnUnknownMemberIsParkedAndAttachedWhenHeArrives(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		group := h.group("Editors", "ext-bo")
		if got := h.members(group); !slices.Equal(got, []string{"ext-bo"}) {
			t.Fatalf("the members are %q", got)
		}
		bo := h.user("bo")
		h.holdsAre("bo@devries.example", "member/rule")
		if got := h.members(group); !slices.Equal(got, []string{bo}) {
			t.Fatalf("the members are %q", got)
		}
	})
}

func TestAGroupRenameKeepsRoles(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		group := h.group("Editors", h.user("bo"))
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","value":{"id":"`+group+`","displayName":"Writers"}}`))
		h.holdsAre("bo@devries.example", "member/rule")
		// Another group takes the name: from now on it means that one.
		h.group("Editors")
		h.holdsAre("bo@devries.example")
	})
}

func TestAGroupDeletionRecomputesEachMember(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		group := h.group("Editors", h.user("bo"), h.user("cas"))
		h.holdsAre("cas@devries.example", "member/rule")
		h.wants(204, "DELETE", "/Groups/"+group, "")
		h.holdsAre("bo@devries.example")
		h.holdsAre("cas@devries.example")
		h.wants(404, "DELETE", "/Groups/"+group, "")
	})
}

// A person's attributes decide too, and one that goes is gone.
func TestAnAttributeOfTheDirectoryGivesARoleAndItsRemovalTakesIt(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		bo := h.user("bo")
		h.attributeRule("department", "Bakery", tenancy.Superuser)
		const department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"Add","path":"`+department+`","value":"Bakery"}`))
		h.holdsAre("bo@devries.example", "superuser/rule")
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"Remove","path":"`+department+`"}`))
		h.holdsAre("bo@devries.example")
	})
}

func TestDeactivationEndsSessionsAndVisitsAndSuspendsDelegationsElsewhere(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		anna := h.user("anna") // who is there already: matched by her address
		h.group("Editors", anna)
		h.holdsAre("anna@devries.example", "member/rule")
		d := h.Delegate("karin", "anna", "1w")
		h.Switch("anna", h.Zonneveld)
		h.wants(200, "PATCH", "/Users/"+anna, patch(`{"op":"Replace","path":"active","value":"False"}`))
		h.holdsAre("anna@devries.example")
		if got := h.ActorOf(h.Token("anna")); got.Account != "" {
			t.Error("her session goes on")
		}
		details, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID)
		h.must(err)
		if details.SuspendedAt == nil {
			t.Error("her delegation elsewhere goes on")
		}
		if n := h.events(event.Offboarded); n != 1 {
			t.Errorf("%d events tell of it", n)
		}
		// Deactivated users stay readable, and a second time changes nothing.
		before := h.total()
		if got := h.wants(200, "GET", "/Users/"+anna, ""); got.at("active") != false {
			t.Error("she is shown as active")
		}
		h.wants(200, "PATCH", "/Users/"+anna, patch(`{"op":"replace","value":{"active":false}}`))
		if now := h.total(); now != before {
			t.Errorf("%d events came of nothing", now-before)
		}
		// And back: her groups give her what they gave.
		h.wants(200, "PATCH", "/Users/"+anna, patch(`{"op":"replace","value":{"active":true}}`))
		h.holdsAre("anna@devries.example", "member/rule")
	})
}

func TestDeactivationEndsTokensAndReactivationGivesBackWhatIsHis(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.Join("carla", "Carla Manders", "carla@devries.example", h.Production, tenancy.Member)
		h.companyRule("Heads", tenancy.Manager)
		h.rule("Editors", tenancy.Member)
		carla := h.user("carla")
		h.group("Heads", carla)
		h.group("Editors", carla)
		_, hers, err := h.feed.Make(h.Ctx, h.Actor("carla"), feed.Draft{Name: "hers", Scopes: []feed.Scope{feed.ReadEvents}, Days: 30})
		h.must(err)
		_, others, err := h.feed.Make(h.Ctx, h.Actor("marieke"), feed.Draft{Name: "another's", Scopes: []feed.Scope{feed.ReadEvents}, Days: 30})
		h.must(err)
		d := h.Delegate("karin", "carla", "1w")
		suspended := func() bool {
			details, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID)
			h.must(err)
			return details.SuspendedAt != nil
		}
		reads := func(token string) error {
			_, err := h.feed.Events(h.Ctx, token, feed.Query{})
			return err
		}
		h.must(reads(hers))
		h.wants(200, "PATCH", "/Users/"+carla, patch(`{"op":"replace","value":{"active":false}}`))
		h.Wants(reads(hers), models.Unauthenticated, "feed.error.token")
		h.must(reads(others))
		if !suspended() {
			t.Error("her delegation elsewhere goes on")
		}
		// Nothing of hers waits for the clock: all of it was in that one transaction.
		h.holdsAre("carla@devries.example")
		h.wants(200, "PATCH", "/Users/"+carla, patch(`{"op":"replace","value":{"active":true}}`))
		h.holdsAre("carla@devries.example", "manager/rule", "member/rule")
		if !suspended() {
			t.Error("her delegation elsewhere came back without its host")
		}
		h.Wants(reads(hers), models.Unauthenticated, "feed.error.token")
	})
}

func TestASignInNeverRevivesADeactivatedUser(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		anna := h.user("anna")
		signIn := func() (refusal *models.Error) {
			h.System(func(tx *store.Tx) (err error) {
				refusal, err = h.directories.Resolve(tx, federation.Said{Company: h.Production.Company, Account: h.ID("anna"), Connection: "con_1",
					Assertion: models.NewID("ass"), At: models.At(h.Now()), Attributes: []federation.Attribute{{Name: "groups", Values: []string{"Editors"}}}})
				return err
			})
			return refusal
		}
		if refusal := signIn(); refusal != nil {
			t.Fatal(refusal)
		}
		h.holdsAre("anna@devries.example", "member/rule")
		h.wants(200, "PATCH", "/Users/"+anna, patch(`{"op":"replace","value":{"active":false}}`))
		if refusal := signIn(); refusal == nil || refusal.Key != "federation.error.deactivated" {
			t.Errorf("she is let in: %v", refusal)
		}
		h.holdsAre("anna@devries.example")
		h.wants(204, "DELETE", "/Users/"+anna, "")
		if refusal := signIn(); refusal == nil {
			t.Error("she is let in once she is deleted")
		}
	})
}

// The directory wins for the groups it manages: an assertion neither adds to
// them nor takes from them.
func TestTheDirectoryWinsForGroupsItManages(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		anna := h.user("anna")
		said := func(groups ...string) {
			h.System(func(tx *store.Tx) error {
				_, err := h.directories.Resolve(tx, federation.Said{Company: h.Production.Company, Account: h.ID("anna"), Connection: "con_1",
					Assertion: models.NewID("ass"), At: models.At(h.Now()), Attributes: []federation.Attribute{{Name: "groups", Values: groups}}})
				return err
			})
		}
		said("Editors")
		h.holdsAre("anna@devries.example", "member/rule") // nobody manages it yet
		group := h.group("Editors")
		said("Editors")
		h.holdsAre("anna@devries.example")
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"add","path":"members","value":`+values(anna)+`}`))
		h.holdsAre("anna@devries.example", "member/rule")
		said()
		h.holdsAre("anna@devries.example", "member/rule")
	})
}

func TestTheLastManagerIsNotRemoved(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		marieke := h.user("marieke")
		before := h.holds("marieke@devries.example")
		if !slices.Contains(before, "manager/manual") {
			t.Fatalf("she holds %q", before)
		}
		h.wants(200, "PATCH", "/Users/"+marieke, patch(`{"op":"replace","value":{"active":false}}`))
		if got := h.holds("marieke@devries.example"); !slices.Contains(got, "manager/manual") {
			t.Errorf("she holds %q", got)
		}
		if h.ActorOf(h.Token("marieke")).Account == "" {
			t.Error("she is signed out, and nobody else could set it right")
		}
	})
}
