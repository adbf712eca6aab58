package provisioning

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	views "locum/views/provisioning"
)

// managed adds a group to De Vries' directory and gives its id.
func (h *hub) managed(name string) string {
	h.t.Helper()
	if h.client.ID == "" {
		_, token, err := h.directories.Add(h.Ctx, h.Actor("marieke"), directory.Draft{Name: "Entra", Kind: directory.Entra})
		if err != nil {
			h.t.Fatal(err)
		}
		if h.client, err = h.directories.Authenticate(h.Ctx, token); err != nil {
			h.t.Fatal(err)
		}
	}
	found, err := h.directories.CreateGroup(h.Ctx, h.client, map[string]any{"displayName": name})
	if err != nil {
		h.t.Fatal(err)
	}
	id, _ := found.Resource["id"].(string)
	return id
}

// chosen is an address of the mapping with these changes.
func chosen(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return path + "?" + q.Encode()
}

func (h *hub) gift(group, role string) string {
	return views.Gift{Target: provisioning.Target{Level: models.OrganizationLevel, Organization: h.Production.Organization}, Role: role, Group: group}.Value()
}

// TestRolesOfGroupsAreChosenPreviewedAndPublishedTogether without script.
func TestRolesOfGroupsAreChosenPreviewedAndPublishedTogether(t *testing.T) {
	h := newHub(t)
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.comesIn("Tom Whitfield", "Planning-Viewers")
	editors := h.saved("Planning-Editors")
	viewers := h.managed("Planning-Viewers")
	b := h.As("marieke")
	list := b.Get(views.MappingPath)
	for _, at := range []string{views.MappingPath, views.MigrationPath} {
		b.Get(at).Page(http.StatusOK).One("a.btn[href=/company/directory]")
	}
	list.Says("All groups 2", "Without roles 1", "Planning-Viewers Entra", "Planning-Editors From sign-ins", "1 person", "Member in De Vries Production", "No role")
	form := filled(t, b.Get(chosen(views.MappingPath, "add", viewers, "take", editors.ID)), "add")
	form = with(form, "role", h.Production.Organization+views.Apart+views.Apart+tenancy.Member)
	added := chosen(views.MappingPath, form...)
	at := chosen(views.MappingPath, "take", editors.ID, "give", h.gift(viewers, tenancy.Member))
	b.Get(added).GoesTo(at)
	looked := b.Get(at)
	looked.Says("2 changes chosen", "+ Member")
	if !strings.Contains(looked.Body, `aria-label="Keep Member in De Vries Production"`) {
		t.Error("what goes cannot be kept")
	}
	preview := b.Get(strings.Replace(at, views.MappingPath, views.MappingPath+"/preview", 1))
	preview.Says("group is Planning-Viewers Member in De Vries Production Added Planning-Viewers: Member in De Vries Production", "Taken off Members of Planning-Editors",
		"− 1 loses a role", "Daan Mulder", "Members of Planning-Editors is deleted", "type how many people this touches: 1")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("the preview took the role")
	}
	fields := []string{"take", editors.ID, "give", h.gift(viewers, tenancy.Member), "reason", "ticket 9"}
	asked := b.Post(views.MappingPath, fields...)
	asked.Wants(http.StatusUnprocessableEntity)
	asked.Says("type how many people this touches: 1")
	if !strings.Contains(asked.Body, `value="ticket 9"`) {
		t.Error("what was typed is gone")
	}
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("what the brake stopped took the role")
	}
	b.Post(views.MappingPath, append(fields, "confirm", "1")...).GoesTo(views.MappingPath)
	b.Get(views.MappingPath).Says("The roles of groups are published", "1 person lost a role.", "Planning-Viewers Entra")
	if h.holds("Daan Mulder", tenancy.Member) {
		t.Error("the role stayed")
	}
	now, err := h.connectors.List(h.Ctx, h.Actor("marieke"))
	if err != nil || len(now) != 1 || now[0].Condition.GroupsNamed()[0] != viewers || now[0].State != provisioning.On {
		t.Fatalf("there are %+v (%v)", now, err)
	}
	b.Get("/company/connectors").Says("group is Planning-Viewers", "Undo")
	run, err := h.connectors.LastPublication(h.Ctx, h.Actor("marieke"))
	if err != nil || run == nil {
		t.Fatal(err)
	}
	b.Post("/company/runs/" + run.ID + "/undo").GoesTo("/company/connectors")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Error("undoing did not give it back")
	}
}

func TestARoleThatAGroupHasIsNotGivenTwice(t *testing.T) {
	h := newHub(t)
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.saved("Planning-Editors")
	b := h.As("marieke")
	add := func(role string, more ...string) string {
		return chosen(views.MappingPath, append([]string{"to", "Planning-Editors", "role", role}, more...)...)
	}
	member := h.Production.Organization + views.Apart + views.Apart + tenancy.Member
	answer := b.Get(add(member))
	answer.Wants(http.StatusUnprocessableEntity)
	answer.Says("The group has this role already.")
	superuser := h.Production.Organization + views.Apart + views.Apart + tenancy.Superuser
	b.Get(add(superuser, "give", h.gift("Planning-Editors", tenancy.Superuser))).Says("The group has this role already.")
	for _, role := range []string{"", "rol_none", views.Apart + views.Apart + "rol_none", "|||||"} {
		b.Get(add(role)).Wants(http.StatusUnprocessableEntity)
	}
	b.Get(chosen(views.MappingPath, "to", "No such group", "role", member)).Wants(http.StatusNotFound)
}

// TestWhatCannotBePublishedIsSaid where it was chosen.
func TestWhatCannotBePublishedIsSaid(t *testing.T) {
	h := newHub(t)
	h.comesIn("Daan Mulder", "Planning-Editors")
	b := h.As("marieke")
	foreign := views.Gift{Target: provisioning.Target{Level: models.OrganizationLevel, Organization: h.Zonneveld.Organization}, Role: tenancy.Member, Group: "Planning-Editors"}.Value()
	answer := b.Get(chosen(views.MappingPath+"/preview", "give", foreign))
	answer.Wants(http.StatusUnprocessableEntity)
	answer.Says("This cannot be published")
	answer.Hides("Zonneveld Bakkerijen")
	b.Post(views.MappingPath, "give", foreign).Wants(http.StatusUnprocessableEntity)
	b.Post(views.MappingPath, "take", "con_none").GoesTo(views.MappingPath)
	b.Get(views.MappingPath + "/preview").GoesTo(views.MappingPath)
	theirs := h.As("karin")
	ours := h.saved("Planning-Editors")
	theirs.Post(views.MappingPath, "take", ours.ID, "leave", "revoke").GoesTo(views.MappingPath)
	if _, _, err := h.connectors.Get(h.Ctx, h.Actor("marieke"), ours.ID); err != nil {
		t.Errorf("another company took it: %v", err)
	}
}

// TestRulesMoveToTheGroupsOfADirectory in one publication, which is undone in one
// click.
func TestRulesMoveToTheGroupsOfADirectory(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get(views.MigrationPath).Says("Your directories have no groups yet")
	h.comesIn("Daan Mulder", "Planning-Editors")
	editors, legacy := h.saved("planning-editors"), h.saved("Legacy")
	id := h.managed("Planning-Editors")
	page := b.Get(views.MigrationPath)
	page.Says("planning-editors Planning-Editors Entra", "In 1 connector: Members of planning-editors", "What changes at the next sign-in",
		"− 1 loses a role", "no longer matches group is “Planning-Editors”", "Left as they are 1", "Legacy No group of a directory has this name. Members of Legacy", "Move 1 connector")
	stamp := ""
	for _, input := range page.Page(http.StatusOK).All("input") {
		for _, a := range input.Attr {
			if a.Key == "value" && len(a.Val) == 43 {
				stamp = a.Val
			}
		}
	}
	b.Get(chosen(views.MigrationPath, "chosen", "1")).Hides("Move 1 connector")
	fields := []string{"group", "planning-editors", "stamp", stamp}
	b.Post(views.MigrationPath, fields...).Wants(http.StatusUnprocessableEntity)
	b.Post(views.MigrationPath, "group", "planning-editors", "stamp", "old", "confirm", "1").Wants(http.StatusConflict)
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("he lost the role before everything was said")
	}
	b.Post(views.MigrationPath, append(fields, "confirm", "1")...).GoesTo("/company/connectors")
	b.Get("/company/connectors").Says("The rules name the groups of the directory", "Members of planning-editors moved to directory groups", "group is Planning-Editors")
	now, _, err := h.connectors.Get(h.Ctx, h.Actor("marieke"), editors.ID)
	if err != nil || now.Condition.GroupsNamed()[0] != id {
		t.Errorf("it names %q (%v)", now.Condition.GroupsNamed(), err)
	}
	if other, _, err := h.connectors.Get(h.Ctx, h.Actor("marieke"), legacy.ID); err != nil || other.Version != 1 {
		t.Errorf("what has no counterpart changed: %+v (%v)", other, err)
	}
	b.Get(views.MigrationPath).Says("Nothing to move")
	run, err := h.connectors.LastPublication(h.Ctx, h.Actor("marieke"))
	if err != nil || run == nil {
		t.Fatal(err)
	}
	b.Post("/company/runs/" + run.ID + "/undo").GoesTo("/company/connectors")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Error("undoing did not give it back")
	}
}

// TestFiveHundredGroupsArePaged and filtered.
func TestFiveHundredGroupsArePaged(t *testing.T) {
	h := newHub(t)
	h.managed("First")
	h.System(func(tx *store.Tx) error {
		var groups []directory.Group
		now := models.At(tx.Now())
		for i := range 500 {
			name := "group " + strings.Repeat("x", 3) + string(rune('a'+i%26)) + models.NewID("n")
			groups = append(groups, directory.Group{CompanyID: h.Production.Company, ID: models.NewID("dgrp"), DirectoryID: h.client.ID, DisplayName: name, DisplayNameKey: name,
				Resource: "{}", Aliases: "[]", Version: 1, CreatedAt: now, UpdatedAt: now})
		}
		return tx.CreateInBatches(&groups, 50).Error
	})
	b := h.As("marieke")
	b.Get(views.MappingPath).Says("1 to 50 of 501 groups")
	b.Get(views.MappingPath + "?page=11").Says("501 to 501 of 501 groups")
	b.Get(views.MappingPath + "?q=first").Says("1 to 1 of 1 group")
	b.Get(views.MappingPath+"?q=nothing").Says("No group fits.", "Clear filters")
}
