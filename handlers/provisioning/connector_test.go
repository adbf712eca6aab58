package provisioning

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

const newConnector = "/company/connectors/new"

func TestConditionsAreAddedAndRemovedWithoutScript(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector), "connector")
	form = with(form, "name", "Editors")
	form = with(form, "condition.0.value", "Planning-Editors")

	form = filled(t, b.Post(newConnector, with(form, "add", "condition")...), "connector")
	form = with(form, "condition.1.attribute", "country")
	form = with(form, "condition.1.value", "NL")
	answer := b.Post(newConnector, with(form, "group", "condition")...)
	answer.Wants(http.StatusOK)
	form = filled(t, answer, "connector")
	if valueOf(form, "name") != "Editors" || valueOf(form, "condition.1.value") != "NL" || valueOf(form, "condition.2.match") != "any" {
		t.Fatalf("what was typed did not come back: %q", form)
	}
	form = filled(t, b.Post(newConnector, with(form, "group", "condition.2")...), "connector")
	form = with(form, "condition.2.0.value", "Finance-NL")
	form = with(form, "condition.2.1.0.value", "Board")
	answer = b.Post(newConnector, with(form, "remove", "condition.0")...)
	form = filled(t, answer, "connector")
	if valueOf(form, "condition.0.value") != "NL" || valueOf(form, "condition.1.0.value") != "Finance-NL" || valueOf(form, "condition.1.1.0.value") != "Board" || hasField(form, "condition.2.match") {
		t.Fatalf("after removing the first condition stands %q", form)
	}
	answer.Says("country is NL and ( any of group is Finance-NL or group is Board )")
	if found := len(uitest.Parse(t, answer.Body).All(".errors")); found != 0 {
		t.Error("a button that saves nothing complains")
	}
	if list, err := h.connectors.List(h.Ctx, h.Actor("marieke")); err != nil || len(list) != 0 {
		t.Errorf("something was saved: %+v (%v)", list, err)
	}
}

func TestAConnectorIsMadeAndEvaluatesPeople(t *testing.T) {
	h := newHub(t)
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.comesIn("Tom Whitfield", "Planning-Viewers")
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector), "connector")
	for name, value := range map[string]string{"name": "Editors", "condition.0.value": "planning-editors", "level": "organization",
		"organization": h.Production.Organization, "role": tenancy.Member, "reason": "ticket 12"} {
		form = with(form, name, value)
	}
	preview := b.Post(newConnector, with(form, "preview", "1")...)
	preview.Wants(http.StatusOK)
	preview.Says("+ 1", "gains a role", "Daan Mulder", "group is Planning-Editors", "0 → 1")
	if h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("looking at the preview gave the role")
	}
	done := b.Post(newConnector, with(form, "save", "1")...)
	list, err := h.connectors.List(h.Ctx, h.Actor("marieke"))
	if err != nil || len(list) != 1 {
		t.Fatalf("saved %+v (%v)\n%s", list, err, done.Body)
	}
	at := "/company/connectors/" + list[0].ID
	done.GoesTo(at)
	if !h.holds("Daan Mulder", tenancy.Member) || h.holds("Tom Whitfield", tenancy.Member) {
		t.Error("saving did not evaluate who is known")
	}
	b.Get(at).Says("Editors is saved", "1 person gained a role.", "ticket 12", "Version 1", "Marieke de Vries")
	b.Get("/company/connectors").Says("group is planning-editors", "in De Vries Production", "1 person")
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector), "connector")
	form = filled(t, b.Post(newConnector, with(form, "group", "condition")...), "connector")
	form = with(form, "condition.0.value", "Editors")
	form = with(form, "condition.1.match", "none") // a not, which the domain counts as a node of its own
	form = with(form, "condition.1.0.operator", "pattern")
	form = with(form, "condition.1.0.value", "a)|(b")
	form = with(form, "organization", h.Production.Organization)
	form = with(form, "role", tenancy.Member)
	answer := b.Post(newConnector, with(form, "save", "1")...)
	answer.Wants(http.StatusUnprocessableEntity)
	if !strings.Contains(answer.Body, `id="condition.1.0.value-error"`) || !strings.Contains(answer.Body, `href="#condition.1.0.value"`) || !strings.Contains(answer.Body, `id="name-error"`) {
		t.Errorf("the errors do not stand at the fields:\n%s", answer.Body)
	}
	if got := filled(t, answer, "connector"); valueOf(got, "condition.1.0.value") != "a)|(b" || valueOf(got, "condition.1.match") != "none" {
		t.Errorf("what was typed did not come back: %q", got)
	}
	empty := with(filled(t, b.Get(newConnector), "connector"), "remove", "condition.0")
	form = with(filled(t, b.Post(newConnector, empty...), "connector"), "save", "1")
	answer = b.Post(newConnector, form...)
	answer.Wants(http.StatusUnprocessableEntity)
	answer.Says("Add at least one condition.")
}

func TestAForeignOrganizationCannotBeTheTarget(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	for _, organization := range []string{h.Zonneveld.Organization, "org_none"} {
		form := filled(t, b.Get(newConnector), "connector")
		for name, value := range map[string]string{"name": "Ours", "condition.0.value": "x", "organization": organization, "role": tenancy.Superuser} {
			form = with(form, name, value)
		}
		for _, button := range []string{"save", "preview"} {
			answer := b.Post(newConnector, with(form, button, "1")...)
			answer.Wants(http.StatusUnprocessableEntity)
			if !strings.Contains(answer.Body, `id="organization-error"`) {
				t.Errorf("%s in %s: the error is not at the organization", button, organization)
			}
			answer.Hides("Zonneveld Bakkerijen")
		}
	}
}

func TestThePreviewSaysWhatSavingDoes(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.comesIn("Tom Whitfield", "Planning-Viewers")
	b := h.As("marieke")
	at := "/company/connectors/" + saved.ID
	form := with(filled(t, b.Get(at), "connector"), "condition.0.value", "Planning-Viewers")
	preview := b.Post(at, with(form, "preview", "1")...)
	preview.Says("+ 1", "− 1", "1 → 1", "Daan Mulder", "Tom Whitfield")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("the preview took the role")
	}
	asked := b.Post(at, with(form, "save", "1")...)
	asked.Wants(http.StatusUnprocessableEntity)
	asked.Says("This takes a role from 1 of 2 people", "type how many people this touches: 1", "Tom Whitfield")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("what the brake stopped took the role")
	}
	b.Post(at, with(with(form, "save", "1"), "confirm", "0")...).Wants(http.StatusUnprocessableEntity)
	b.Post(at, with(with(form, "save", "1"), "confirm", "1")...).GoesTo(at)
	b.Get(at).Says("1 person gained a role. 1 person lost a role.")
	if h.holds("Daan Mulder", tenancy.Member) || !h.holds("Tom Whitfield", tenancy.Member) {
		t.Error("saving did something else")
	}
}

func TestAnOlderVersionIsTold(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	b := h.As("marieke")
	at := "/company/connectors/" + saved.ID
	first := filled(t, b.Get(at), "connector")
	b.Post(at, with(with(first, "name", "Renamed"), "save", "1")...).GoesTo(at)
	late := b.Post(at, with(with(first, "name", "Late"), "save", "1")...)
	late.Wants(http.StatusConflict)
	late.Says("Somebody else changed this connector meanwhile")
	if valueOf(filled(t, late, "connector"), "name") != "Late" {
		t.Error("what was typed is gone")
	}
	b.Get(at + "?version=1").Says("Use again")
	if got := filled(t, b.Get(at+"?version=1"), "connector"); valueOf(got, "name") != saved.Name || valueOf(got, "version") != "2" {
		t.Errorf("version 1 is offered as %q", got)
	}
}

func TestConnectorsOfOthersAreUnknown(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	karin := h.As("karin")
	for _, id := range []string{saved.ID, "con_none"} {
		for _, path := range []string{"", "/delete", "/explain?account=" + h.ID("karin")} {
			karin.Get("/company/connectors/" + id + path).Wants(http.StatusNotFound)
		}
		karin.Post("/company/connectors/"+id, "add", "condition").Wants(http.StatusNotFound)
		karin.Post("/company/connectors/"+id, "save", "1", "name", "x").Wants(http.StatusNotFound)
		karin.Post("/company/connectors/" + id + "/delete").Wants(http.StatusNotFound)
		karin.Get(newConnector + "?from=" + id).Wants(http.StatusNotFound)
	}
	if _, _, err := h.connectors.Get(h.Ctx, h.Actor("marieke"), saved.ID); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

func TestMembersMayNotOpenWhatIsTheManagers(t *testing.T) {
	h := newHub(t)
	for _, route := range h.Routes() {
		if !strings.HasPrefix(route.Pattern, "/company/") {
			continue
		}
		path := strings.ReplaceAll(route.Pattern, "{id}", "con_1")
		for _, who := range []string{"anna", "jan"} {
			if route.Method == http.MethodGet {
				h.As(who).Get(path).Wants(http.StatusForbidden)
			} else {
				h.As(who).Post(path).Wants(http.StatusForbidden)
			}
		}
	}
}

func TestTheListIsFiltered(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get("/company/connectors").Says("No connectors yet")
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.saved("Planning-Editors")
	h.saved("Planning-Editor")
	b.Get("/company/connectors").Says("Nobody known has group “Planning-Editor”")
	both := b.Get("/company/connectors?organization=" + h.Production.Organization)
	both.Says("Members of Planning-Editors")
	if got := len(uitest.Parse(t, both.Body).All(".rule")); got != 2 {
		t.Errorf("the organization has %d rules", got)
	}
	if got := len(uitest.Parse(t, b.Get("/company/connectors?q=PLANNING-EDITORS").Body).All(".rule")); got != 1 {
		t.Errorf("the text finds %d rules", got)
	}
	b.Get("/company/connectors?state=draft").Says("No connector matches this filter.", "Clear filters")
	b.Get("/company/connectors?organization=" + h.Acceptance.Organization).Says("No connector matches this filter.")
}

func TestDeletingSaysWhoLosesWhat(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	h.comesIn("Daan Mulder", "Planning-Editors")
	b := h.As("marieke")
	at := "/company/connectors/" + saved.ID + "/delete"
	b.Get(at).Says("1 person loses a role with it", "Daan Mulder")
	b.Get(at).Says("type how many people this touches: 1", "No other connector is on for De Vries Production", "1 person has a role there by this connector.")
	b.Post(at, "reason", "over", "confirm", "1").Wants(http.StatusUnprocessableEntity)
	b.Post(at, "reason", "over", "leave", "revoke").Wants(http.StatusUnprocessableEntity)
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Error("the role went before everything was said")
	}
	b.Post(at, "reason", "over", "leave", "revoke", "confirm", "1").GoesTo("/company/connectors")
	b.Get("/company/connectors").Says("The connector is deleted", "1 person lost a role.")
	if h.holds("Daan Mulder", tenancy.Member) {
		t.Error("the role stayed")
	}
}

func TestACopyIsADraftOfItsOwn(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector+"?from="+saved.ID), "connector")
	if valueOf(form, "state") != "draft" || valueOf(form, "name") != "Copy of "+saved.Name || valueOf(form, "condition.0.value") != "Planning-Editors" {
		t.Errorf("the copy is %q", form)
	}
	b.Post(newConnector, with(form, "save", "1")...).Wants(http.StatusSeeOther)
	if list, err := h.connectors.List(h.Ctx, h.Actor("marieke")); err != nil || len(list) != 2 {
		t.Errorf("there are %+v (%v)", list, err)
	}
}

func TestWhyNamesTheValueThatWasFound(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.comesIn("Tom Whitfield", "Planning-Viewers")
	b := h.As("marieke")
	at := "/company/connectors/" + saved.ID + "/explain?account="
	b.Get(at+h.people["Daan Mulder"].ID).Says("Daan Mulder gets Member in De Vries Production by this connector", "The value is “Planning-Editors”.")
	b.Get(at+h.people["Tom Whitfield"].ID).Says("Tom Whitfield does not get Member", "The value is “Planning-Viewers”.")
	b.Get(at + h.ID("karin")).Wants(http.StatusNotFound)
}

func TestThePolicyIsChosenInWords(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get("/company/connectors/policy").Says("Connectors decide", "Refuse the sign-in")
	brakes := []string{"brake_percent", "20", "brake_people", "1.000", "brake_raised", "3"}
	refused := b.Post("/company/connectors/policy", append(brakes, "ownership", "both", "no_match", tenancy.NoMatchNone)...)
	refused.Wants(http.StatusUnprocessableEntity)
	if !strings.Contains(refused.Body, `value="1.000"`) {
		t.Error("what was typed is lost")
	}
	over := b.Post("/company/connectors/policy", "brake_percent", "101", "brake_people", "many", "brake_raised", "3", "ownership", tenancy.Additive, "no_match", tenancy.NoMatchNone)
	over.Wants(http.StatusUnprocessableEntity)
	over.Says("Enter a whole number from 0 to 100.", "Enter a whole number from 0 to 1000000.")
	b.Post("/company/connectors/policy", append(brakes, "ownership", tenancy.Additive, "no_match", tenancy.NoMatchRefuse)...).GoesTo("/company/connectors")
	want := tenancy.Policy{Ownership: tenancy.Additive, NoMatch: tenancy.NoMatchRefuse, Brakes: tenancy.Brakes{Percent: 20, People: 1000, Raised: 3}}
	if own, err := h.Companies.Own(h.Ctx, h.Actor("marieke")); err != nil || own.Policy != want {
		t.Errorf("chosen %+v (%v)", own, err)
	}
}

func TestEveryConditionSurvivesTheForm(t *testing.T) {
	is := func(value string) provisioning.Condition {
		return provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: value}
	}
	not := func(c provisioning.Condition) provisioning.Condition { return provisioning.Condition{Not: &c} }
	for name, c := range map[string]provisioning.Condition{
		"a comparison":     is("a"),
		"all":              {All: []provisioning.Condition{is("a"), is("b")}},
		"not any":          not(provisioning.Condition{Any: []provisioning.Condition{is("a"), is("b")}}),
		"not all":          not(provisioning.Condition{All: []provisioning.Condition{is("a"), is("b")}}),
		"not a comparison": not(is("a")),
		"not not":          not(not(is("a"))),
		"deep": {Any: []provisioning.Condition{is("a"), {All: []provisioning.Condition{is("b"), not(provisioning.Condition{Any: []provisioning.Condition{is("c"),
			{Attribute: "x", Operator: provisioning.Glob, Value: "y*", CaseSensitive: true}}})}}}},
	} {
		again := conditionOf(treeOf(c, root), root, map[string]string{})
		for _, groups := range [][]string{nil, {"a"}, {"b"}, {"c"}, {"a", "b"}, {"b", "c"}} {
			profile, err := provisioning.Mapping{}.Merge(provisioning.Profile{}, provisioning.Reading{Attributes: []provisioning.Received{{Name: "groups", Values: groups}, {Name: "x", Values: []string{"yes"}}}})
			if err != nil {
				t.Fatal(err)
			}
			before, err := provisioning.Explain(provisioning.Connector{Condition: c}, profile)
			if err != nil {
				t.Fatal(err)
			}
			after, err := provisioning.Explain(provisioning.Connector{Condition: again}, profile)
			if err != nil || before.Holds != after.Holds {
				t.Errorf("%s for %v: %v before and %v after the form (%v)", name, groups, before.Holds, after.Holds, err)
			}
		}
	}
}

func TestNothingIsSavedWithoutTheButton(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	form := filled(t, b.Get(newConnector), "connector")
	for name, value := range map[string]string{"name": "Editors", "condition.0.value": "x", "organization": h.Production.Organization, "role": tenancy.Member} {
		form = with(form, name, value)
	}
	b.Post(newConnector, form...).Wants(http.StatusOK)
	b.Post("/company/connectors/sentence", form...).Says("group is x")
	var rows int64
	h.System(func(tx *store.Tx) error { return tx.Table("connectors").Count(&rows).Error })
	if rows != 0 {
		t.Error("a form without its button was saved")
	}
}
