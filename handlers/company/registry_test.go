package company_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/tenancy"
)

// role is a role of the registry by its key.
func role(t *testing.T, h *webtest.Hub, key string) tenancy.Role {
	t.Helper()
	reg, err := h.Companies.Registry(h.Ctx, h.Actor("karin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reg.Roles {
		if r.Key == key {
			return r
		}
	}
	t.Fatalf("no role %s", key)
	return tenancy.Role{}
}

func TestRegistryIsForOperators(t *testing.T) {
	h := newHub(t)
	for _, path := range []string{"/platform/roles", "/platform/roles/new?level=company", "/platform/roles/" + tenancy.Member, "/platform/roles/" + tenancy.Member + "/delete",
		"/platform/applications", "/platform/applications/new"} {
		h.As("marieke").Get(path).Wants(http.StatusForbidden)
	}
	for _, path := range []string{"/platform/roles/new", "/platform/applications/new", "/platform/roles/" + tenancy.Member, "/platform/roles/" + tenancy.Member + "/default",
		"/platform/roles/" + tenancy.Member + "/delete"} {
		h.As("marieke").Post(path, "name", "X", "key", "x", "level", "company").Wants(http.StatusForbidden)
	}
	h.As("marieke").Get("/company/roles").Hides("/platform/roles")
}

func TestRolesAreRegisteredAndChanged(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	karin := h.As("karin")
	wrong := karin.Post("/platform/roles/new", "level", "organization", "key", "Big Key", "name", " ", "permission", string(models.ManageApplications))
	wrong.Page(http.StatusUnprocessableEntity).One("#key-error")
	wrong.Says("Use small letters")
	karin.Get("/platform/roles/new?level=moon").Wants(http.StatusNotFound)
	karin.Get("/platform/roles/new?level=application&application=app_none").Wants(http.StatusNotFound)
	karin.Get("/platform/roles/new?level=organization").Says("New role in an organization", "take applications into and out of use", "not through a delegation",
		"Every role in an organization may see the overview, see members, see applications and see activity as well.")

	karin.Post("/platform/roles/new", "level", "organization", "key", "clerk", "name", "Clerk", "description", "At the desk",
		"permission", string(models.ManageApplications)).GoesTo("/platform/roles")
	karin.Get("/platform/roles").Says("The role Clerk is registered.", "At the desk", "take applications into and out of use")
	clerk := role(t, h, "clerk")
	if clerk.IsDefault || !clerk.Allows().Has(models.ManageApplications) {
		t.Errorf("the role is %+v", clerk)
	}
	h.Delegate("jan", "sanne", delegation.Week)
	h.Join("kees", "Kees Kok", "kees@zonneveld.example", h.Zonneveld, clerk.ID)
	karin.Get("/platform/roles/"+clerk.ID).Says("Role Clerk", "In use: 1 person in 1 company.", "also in open sessions")
	karin.Post("/platform/roles/"+clerk.ID, "name", "Desk clerk", "permission", string(models.ManageMembers)).GoesTo("/platform/roles")
	karin.Get("/platform/roles").Says("The role Desk clerk is changed.", "It holds at once for 1 person.")
	if kees := h.Actor("kees"); kees.May(models.ManageApplications) || !kees.May(models.ManageMembers) {
		t.Errorf("Kees may %v", kees.Permissions)
	}
	karin.Post("/platform/roles/"+clerk.ID, "name", " ").Page(http.StatusUnprocessableEntity).One("#name-error")
	karin.Post("/platform/roles/" + clerk.ID + "/default").GoesTo("/platform/roles")
	if !role(t, h, "clerk").IsDefault || role(t, h, "member").IsDefault {
		t.Error("the default stayed")
	}
	karin.Get("/platform/roles/" + tenancy.Member).Says("This role is built in")
	karin.Post("/platform/roles/"+tenancy.Member, "name", "X").Wants(http.StatusConflict)
	karin.Post("/platform/roles/" + tenancy.Member + "/delete").Wants(http.StatusConflict)
	karin.Get("/platform/roles/rol_none").Wants(http.StatusNotFound)
}

func TestDeletingARoleInUseAsksForAnother(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	karin := h.As("karin")
	karin.Post("/platform/roles/new", "level", "organization", "key", "clerk", "name", "Clerk").GoesTo("/platform/roles")
	clerk := role(t, h, "clerk")
	karin.Get("/platform/roles/" + clerk.ID + "/delete").Says("Nobody holds this role")
	h.Join("kees", "Kees Kok", "kees@zonneveld.example", h.Zonneveld, clerk.ID)
	ask := karin.Get("/platform/roles/" + clerk.ID + "/delete")
	ask.Says("Delete Clerk?", "1 person in 1 company", "In its place comes", "Member")
	if strings.Contains(ask.Body, tenancy.Superuser) {
		t.Error("the highest role is offered")
	}
	karin.Post("/platform/roles/" + clerk.ID + "/delete").Page(http.StatusUnprocessableEntity).One("#with-error")
	karin.Post("/platform/roles/"+clerk.ID+"/delete", "with", tenancy.Member).GoesTo("/platform/roles")
	karin.Get("/platform/roles").Says("The role Clerk is deleted.")
	karin.Get("/platform/roles/" + clerk.ID).Wants(http.StatusNotFound)
	if h.Count(h.Zonneveld, event.RoleReplaced) != 1 {
		t.Error("the organization is not told")
	}
}

func TestApplicationsAreRegisteredAndChanged(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	karin := h.As("karin")
	karin.Get("/platform/applications").Says("No applications yet")
	karin.Post("/platform/applications/new", "key", "Planning!", "name", "").Page(http.StatusUnprocessableEntity).One("#key-error")
	made := karin.Post("/platform/applications/new", "key", "plan", "name", "Planning", "description", "Rides", "icon", "route")
	if made.Code != http.StatusSeeOther || !strings.HasPrefix(made.Location, "/platform/roles/new?level=application&application=app_") {
		t.Fatalf("it leads to %q", made.Location)
	}
	karin.Get(made.Location).Says("Planning is registered.", "New role in Planning", "It gives nothing in Locum.")
	app := strings.TrimPrefix(made.Location, "/platform/roles/new?level=application&application=")
	karin.Post("/platform/roles/new", "level", "application", "application", app, "key", "viewer", "name", "Viewer").GoesTo("/platform/roles")
	if !role(t, h, "viewer").IsDefault {
		t.Error("the first role is not the default")
	}
	karin.Get("/platform/applications").Says("Planning", "Rides", "plan", "Viewer")
	karin.Post("/platform/applications/new", "key", "plan", "name", "Other").Page(http.StatusUnprocessableEntity).One("#key-error")
	karin.Post("/platform/applications/"+app+"/edit", "name", "Route planning", "icon", "route", "key", "other").GoesTo("/platform/applications/" + app)
	karin.Get("/platform/applications").Says("Route planning is changed.", "plan")
	karin.Get("/platform/applications/" + app + "/edit").Says("The key stays")
	karin.Post("/platform/applications/"+app+"/edit", "name", " ").Page(http.StatusUnprocessableEntity).One("#name-error")
	karin.Get("/platform/applications/app_none").Wants(http.StatusNotFound)
}
