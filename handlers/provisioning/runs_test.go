package provisioning

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/tenancy"
)

func TestTheLastChangeIsUndoneInOneClick(t *testing.T) {
	h := newHub(t)
	h.comesIn("Daan Mulder", "Planning-Editors")
	h.saved("Planning-Editors")
	if !h.holds("Daan Mulder", tenancy.Member) {
		t.Fatal("the connector gave nothing")
	}
	b := h.As("marieke")
	list := b.Get("/company/connectors")
	list.Says("Members of Planning-Editors saved", "1 person gained a role.", "Undo")
	_, after, found := strings.Cut(list.Body, `action="/company/runs/`)
	if !found {
		t.Fatal("there is no way to undo it")
	}
	run, _, _ := strings.Cut(after, "/")
	at := "/company/runs/" + run
	b.Get(at).Says("Members of Planning-Editors saved", "Done", "1 of 1 people (100%)")
	b.Post(at + "/undo").GoesTo("/company/connectors")
	b.Get("/company/connectors").Says("The change of Members of Planning-Editors is undone", "1 person lost a role.")
	if h.holds("Daan Mulder", tenancy.Member) {
		t.Error("undone, and he still has the role")
	}
	if list, err := h.connectors.List(h.Ctx, h.Actor("marieke")); err != nil || len(list) != 0 {
		t.Errorf("the new connector still stands: %+v (%v)", list, err)
	}
	b.Post(at + "/undo").Wants(http.StatusConflict)
	b.Get("/company/runs").Says("Change of Members of Planning-Editors undone")
	h.As("karin").Get(at).Wants(http.StatusNotFound)
	h.As("karin").Post(at + "/undo").Wants(http.StatusNotFound)
}

func TestTheRulesAreAppliedToEveryoneByHand(t *testing.T) {
	h := newHub(t)
	h.saved("Planning-Editors")
	h.comesIn("Daan Mulder", "Planning-Editors")
	b := h.As("marieke")
	b.Get("/company/runs/new").Says("Nothing changes for the 1 person known.")
	answer := b.Post("/company/runs/new", "reason", "to be sure")
	answer.Wants(http.StatusSeeOther)
	b.Get(answer.Header.Get("Location")).Says("Rules applied to everyone", "to be sure", "1 of 1 people (100%)")
}
