package company_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// planning registers an application with three roles, and gives its id.
func planning(t *testing.T, h *webtest.Hub) (app string) {
	t.Helper()
	operator(h, "karin")
	made := h.As("karin").Post("/platform/applications/new", "key", "plan", "name", "Planning", "icon", "route")
	app = strings.TrimPrefix(made.Location, "/platform/roles/new?level=application&application=")
	for _, name := range []string{"Viewer", "Planner", "Auditor"} {
		h.As("karin").Post("/platform/roles/new", "level", "application", "application", app, "key", strings.ToLower(name), "name", name).GoesTo("/platform/roles")
	}
	return app
}

// ordered are the roles of a family's page, from top to bottom.
func ordered(t *testing.T, a webtest.Answer) (names []string) {
	t.Helper()
	for _, item := range uitest.Inside(uitest.Parse(t, a.Body).One("ol.ordered"), "li") {
		names = append(names, strings.Fields(uitest.Words(item))[1])
	}
	return names
}

func TestAFamilyIsMadeAndOrderedWithoutScript(t *testing.T) {
	h := newHub(t)
	app := planning(t, h)
	karin := h.As("karin")
	at := "/platform/families/new?level=application&application=" + app
	if !strings.Contains(karin.Get("/platform/roles").Body, strings.ReplaceAll(at, "&", "&amp;")) {
		t.Error("the page of roles does not lead to a family")
	}
	karin.Get(at).Says("New family of roles in Planning", "Viewer", "Planner", "Auditor", "Not in this family", "Place 3")
	place := func(key string) string { return "place." + role(t, h, key).ID }
	post := func(fields ...string) webtest.Answer {
		return karin.Post("/platform/families/new", append([]string{"level", "application", "application", app}, fields...)...)
	}
	wrong := post("name", " ", place("viewer"), "2", place("planner"), "1")
	wrong.Page(http.StatusUnprocessableEntity).One("#name-error")
	few := post("name", "Work", place("viewer"), "2")
	few.Page(http.StatusUnprocessableEntity).One("#role-error")
	few.Says("at least 2 roles")
	made := post("name", "Work", place("viewer"), "2", place("planner"), "1", place("auditor"), "0")
	family := made.Location
	if made.Code != http.StatusSeeOther || !strings.HasPrefix(family, "/platform/families/fam_") {
		t.Fatalf("it leads to %q: %s", family, made.Body)
	}
	page := karin.Get(family)
	page.Says("Family Work", "Of Planner and Viewer somebody has one: the first that a connector gives, in this order.", "Everyone known is evaluated again")
	if got := ordered(t, page); !slices.Equal(got, []string{"Planner", "Viewer"}) {
		t.Errorf("the order is %q", got)
	}
	id := func(key string) string { return role(t, h, key).ID }
	for _, step := range []struct{ button, role, back, want string }{
		{"join", "auditor", "", "Planner Viewer Auditor"},
		{"up", "auditor", "#", "Planner Auditor Viewer"},
		{"down", "planner", "#", "Auditor Planner Viewer"},
		{"leave", "planner", "", "Auditor Viewer"},
	} {
		back := family
		if step.back != "" {
			back += "#" + id(step.role)
		}
		karin.Post(family+"/roles", step.button, id(step.role)).GoesTo(back)
		if got := strings.Join(ordered(t, karin.Get(family)), " "); got != step.want {
			t.Errorf("after %s of %s the order is %q", step.button, step.role, got)
		}
	}
	again := karin.Post(family+"/roles", "join", "")
	again.Page(http.StatusUnprocessableEntity).One("#role-error")
	karin.Post(family, "name", "Planning work").GoesTo(family)
	karin.Post(family, "name", " ").Page(http.StatusUnprocessableEntity).One("#name-error")
	karin.Get("/platform/roles").Says("Planning work", "Of Auditor and Viewer somebody has one", "counts beside it")
	h.As("marieke").Get("/company/roles").Says("Planning work", "Of Auditor and Viewer somebody has one")
	h.As("marieke").Get("/company/roles").Hides("/platform/families")

	karin.Get(family+"/delete").Says("Delete the family Planning work?", "adds up again")
	karin.Post(family + "/delete").GoesTo("/platform/roles")
	karin.Get(family).Wants(http.StatusNotFound)
	karin.Get("/platform/roles").Hides("Planning work ·")
}

func TestFamiliesAreForOperators(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	f, err := h.Companies.RegisterFamily(h.Ctx, h.Actor("karin"), tenancy.Family{Level: models.OrganizationLevel, Name: "All"}, []string{tenancy.Superuser, tenancy.Member})
	if err != nil {
		t.Fatal(err)
	}
	at := "/platform/families/" + f.ID
	for _, path := range []string{"/platform/families/new?level=organization", at, at + "/delete"} {
		h.As("marieke").Get(path).Wants(http.StatusForbidden)
		h.As("").Get(path).Wants(http.StatusSeeOther)
	}
	for _, path := range []string{"/platform/families/new", at, at + "/roles", at + "/delete"} {
		h.As("marieke").Post(path, "name", "X", "up", tenancy.Member).Wants(http.StatusForbidden)
	}
	karin := h.As("karin")
	for _, path := range []string{"/platform/families/fam_none", "/platform/families/new?level=moon", "/platform/families/new?level=application&application=app_none"} {
		karin.Get(path).Wants(http.StatusNotFound)
	}
	karin.Post("/platform/families/fam_none/roles", "up", tenancy.Member).Wants(http.StatusNotFound)
	reg, err := h.Companies.Registry(h.Ctx, h.Actor("karin"))
	if order := reg.InFamily(f.ID); err != nil || order[0].ID != tenancy.Superuser {
		t.Errorf("the order is %+v %v", order, err)
	}
}

// Changing the order on the screen leaves the work to a job.
func TestMovingARoleQueuesTheCompaniesThatItConcerns(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	_, err := provisioning.NewConnectors(h.Store).Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: "Staff", State: provisioning.On, Role: tenancy.Member,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: h.Production.Organization},
		Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: "Staff"}}, provisioning.Publishing{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.Companies.RegisterFamily(h.Ctx, h.Actor("karin"), tenancy.Family{Level: models.OrganizationLevel, Name: "All"}, []string{tenancy.Superuser, tenancy.Member})
	if err != nil {
		t.Fatal(err)
	}
	queued := func() (n int64) {
		h.System(func(tx *store.Tx) error { return tx.Table("river_job").Where("kind = ?", "evaluation").Count(&n).Error })
		return n
	}
	before := queued()
	h.As("karin").Post("/platform/families/"+f.ID+"/roles", "up", tenancy.Member).GoesTo("/platform/families/" + f.ID + "#" + tenancy.Member)
	if after := queued(); after == before {
		t.Errorf("%d jobs were queued before, %d are now", before, after)
	}
}
