package scim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// deactivate turns somebody off, as his directory does.
func (h *hub) deactivate(user string) {
	h.t.Helper()
	h.wants(200, "PATCH", "/Users/"+user, patch(`{"op":"replace","value":{"active":false}}`))
}

// A client may name people as it knows them: with such a name they come into a
// group, and with the same name they leave it.
func TestWhoWasAddedByTheClientsNameIsRemovedByIt(t *testing.T) {
	remove := map[string]string{
		"listed": `{"op":"Remove","path":"members","value":[{"value":"ext-bo"}]}`,
		"chosen": `{"op":"remove","path":"members[value eq \"ext-bo\"]"}`,
	}
	for name, operation := range remove {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *hub) {
				h.rule("Editors", tenancy.Member)
				group := h.group("Editors", "ext-bo") // who has not arrived
				h.user("bo")
				h.holdsAre("bo@devries.example", "member/rule")
				h.wants(204, "PATCH", "/Groups/"+group, patch(operation))
				h.holdsAre("bo@devries.example")
				if got := h.members(group); len(got) != 0 {
					t.Errorf("%q are members", got)
				}
				h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"add","path":"members","value":[{"value":"ext-bo"}]}`))
				h.holdsAre("bo@devries.example", "member/rule")
				h.wants(204, "PATCH", "/Groups/"+group, patch(operation))
				h.holdsAre("bo@devries.example")
			})
		})
	}
}

// A place is kept for whom a client names; he has it too when he gets the name
// after he came.
func TestAPlaceIsTakenByWhoGetsItsNameLater(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		group := h.group("Editors", "00u-bo")
		bo := h.user("bo")
		h.holdsAre("bo@devries.example")
		h.wants(200, "PATCH", "/Users/"+bo, patch(`{"op":"replace","path":"externalId","value":"00u-bo"}`))
		h.holdsAre("bo@devries.example", "member/rule")
		if got := h.members(group); !slices.Equal(got, []string{bo}) {
			t.Errorf("the members are %q", got)
		}
	})
}

// Whom the directory deactivated and who stays a manager, since nobody else is
// one, has lost the rest: no later change of the rules gives it back.
func TestALastManagersOtherRolesDoNotComeBackWithARun(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		h.Join("carla", "Carla Manders", "carla@devries.example", h.Acceptance, tenancy.Superuser) // but for her Marieke stays that too
		marieke := h.user("marieke")
		h.group("Editors", marieke)
		h.deactivate(marieke)
		h.holdsAre("marieke@devries.example", "manager/manual")
		h.rule("Readers", tenancy.Member) // evaluates everyone
		h.must(h.connectors.Advance(h.Ctx))
		h.holdsAre("marieke@devries.example", "manager/manual")
	})
}

// He keeps it only for as long as nobody else is one.
func TestALastManagerGoesOnceThereIsAnother(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.companyRule("Heads", tenancy.Manager)
		h.Join("carla", "Carla Manders", "carla@devries.example", h.Acceptance, tenancy.Superuser)
		marieke, bo := h.user("marieke"), h.user("bo")
		heads := h.group("Heads")
		h.deactivate(marieke)
		h.holdsAre("marieke@devries.example", "manager/manual")
		h.wants(204, "PATCH", "/Groups/"+heads, patch(`{"op":"add","path":"members","value":[{"value":"`+bo+`"}]}`))
		h.holdsAre("bo@devries.example", "manager/rule")
		h.must(h.directories.Advance(h.Ctx))
		h.holdsAre("marieke@devries.example")
		if n := h.events(event.Offboarded); n != 1 {
			t.Errorf("%d events tell that she left", n)
		}
	})
}

// A sign-in does not give roles to whom the directory has as inactive, though he
// was never active and nobody was matched with him.
func TestASignInGivesNothingToWhoWasInactiveFromTheBeginning(t *testing.T) {
	for name, body := range map[string]string{
		"by the user name":  `{"userName":"Anna@devries.example","active":false}`,
		"by a work address": `{"userName":"E1204","active":false,"emails":[{"value":"anna@devries.example","type":"work"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *hub) {
				h.rule("Editors", tenancy.Member)
				anna := h.wants(201, "POST", "/Users", body).id()
				before := h.holds("anna@devries.example")
				if refusal := h.signIn("anna", "Editors"); refusal == nil || refusal.Kind != models.Forbidden {
					t.Errorf("she is let in: %v", refusal)
				}
				h.holdsAre("anna@devries.example", before...)
				h.wants(200, "PATCH", "/Users/"+anna, patch(`{"op":"replace","value":{"active":true}}`))
				if refusal := h.signIn("anna", "Editors"); refusal != nil {
					t.Error(refusal)
				}
				h.holdsAre("anna@devries.example", "member/rule")
			})
		})
	}
}

// Somebody who cannot be evaluated holds up neither the others of his directory
// nor other directories.
func TestWhoCannotBeEvaluatedHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		second, token, err := h.directories.Add(h.Ctx, h.Actor("marieke"), directory.Draft{Name: "Okta", Kind: directory.Okta})
		h.must(err)
		tokens := []string{h.token, token} // in the order in which they are gone through
		if second.ID < h.directory.ID {
			slices.Reverse(tokens)
		}
		h.token = tokens[0]
		bo, cas := h.user("bo"), h.user("cas")
		h.group("Editors", bo, cas)
		h.token = tokens[1]
		dirk := h.user("dirk")
		h.group("Editors", dirk)
		users := []string{bo, cas, dirk}
		h.System(func(tx *store.Tx) error {
			if err := tx.Model(&directory.User{}).Where("company_id = ? AND id = ?", h.Production.Company, bo).Update("resource", "{").Error; err != nil {
				return err
			}
			if err := tx.Where("company_id = ? AND member_id IN ?", h.Production.Company, users).Delete(&directory.Member{}).Error; err != nil {
				return err
			}
			return tx.Model(&directory.User{}).Where("company_id = ? AND id IN ?", h.Production.Company, users).Update("due", true).Error
		})
		if err := h.directories.Advance(h.Ctx); err == nil {
			t.Error("nothing says that somebody could not be evaluated")
		}
		h.holdsAre("bo@devries.example", "member/rule")
		h.holdsAre("cas@devries.example")
		h.holdsAre("dirk@devries.example")
	})
}

// A password is nothing to keep, wherever a client puts it.
func TestAPasswordIsNotPublishedWhereverItStands(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		const enterprise = directory.EnterpriseSchema
		_, _, at := h.since(0)
		bo := h.wants(201, "POST", "/Users", `{"userName":"bo@devries.example","`+enterprise+`":{"Password":"hush-1"},"urn:example:User":{"password":"hush-2","shoe":"44"},
			"`+directory.UserSchema+`":{"password":"hush-3"}}`).id()
		for _, operation := range []string{`{"op":"add","path":"` + enterprise + `:password","value":"hush-4"}`, `{"op":"replace","value":{"` + enterprise + `:password":"hush-5"}}`,
			`{"op":"replace","value":{"urn:example:User":{"passWord":"hush-6","size":"m"}}}`, `{"op":"replace","path":"password","value":"hush-7"}`} {
			h.wants(200, "PATCH", "/Users/"+bo, patch(operation))
		}
		list, trail, _ := h.since(at)
		for i := range list {
			for _, one := range []any{list[i], trail[i]} {
				if text, _ := json.Marshal(one); strings.Contains(string(text), "hush") {
					t.Errorf("a password is published: %s", text)
				}
			}
		}
		if text := h.wants(200, "GET", "/Users/"+bo, "").Text; strings.Contains(text, "hush") || !strings.Contains(text, `"44"`) {
			t.Errorf("it is kept: %s", text)
		}
		h.System(func(tx *store.Tx) error {
			var n int64
			err := tx.Model(&directory.Request{}).Where("company_id = ? AND (request LIKE '%hush%' OR response LIKE '%hush%')", h.Production.Company).Count(&n).Error
			if n > 0 {
				t.Errorf("%d requests are logged with it", n)
			}
			return err
		})
	})
}

// A directory that was removed is listed no more, even before its people are gone
// through.
func TestARemovedDirectoryIsListedNoMore(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), h.directory.ID, directory.Ending{Name: "Entra"}))
		list, err := h.directories.Standings(h.Ctx, h.Actor("marieke"))
		h.must(err)
		if len(list) != 0 {
			t.Errorf("%+v is listed", list)
		}
	})
}

// Somebody of a removed directory who cannot be read does not keep the others.
func TestARemovedDirectoryPartsFromTheOthersOfWhoCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		bo, cas := h.user("bo"), h.user("cas")
		h.group("Editors", bo, cas)
		h.System(func(tx *store.Tx) error {
			return tx.Model(&directory.User{}).Where("company_id = ? AND id = ?", h.Production.Company, bo).Update("resource", "{").Error
		})
		h.must(h.directories.Remove(h.Ctx, h.Actor("marieke"), h.directory.ID, directory.Ending{Name: "Entra", People: 2}))
		if err := h.directories.Advance(h.Ctx); err != nil {
			t.Error(err)
		}
		h.holdsAre("cas@devries.example")
		h.holdsAre("bo@devries.example")
	})
}

// While a removal waits for a manager, who is removed has nothing of his roles, by
// whichever way he signs in.
func TestWhoseRemovalWaitsHasNoSessionMore(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 5 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		anna := h.user("anna")
		h.group("Editors", append(people, anna)...)
		for _, id := range append(people, anna) {
			h.deactivate(id)
		}
		h.holdsAre("anna@devries.example", "member/rule")
		if a := h.ActorOf(h.Token("anna")); a.Effective.Company != "" {
			t.Errorf("she goes on at %+v", a.Effective)
		}
		h.NewSession("anna")
		if a := h.Actor("anna"); a.Effective.Company != "" {
			t.Errorf("she came in by a code, at %+v", a.Effective)
		}
	})
}

// Somebody has to decide: who alone manages the company goes on while his own
// removal waits.
func TestTheLastManagerWhoseRemovalWaitsCanDecide(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 5 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		marieke := h.user("marieke")
		h.group("Editors", append(people, marieke)...)
		for _, id := range append(people, marieke) {
			h.deactivate(id)
		}
		h.NewSession("marieke")
		staged, err := h.directories.Staged(h.Ctx, h.Actor("marieke"), h.directory.ID)
		h.must(err)
		if !slices.ContainsFunc(staged, func(u directory.User) bool { return u.ID == marieke }) {
			t.Fatalf("staged are %+v", staged)
		}
	})
}
