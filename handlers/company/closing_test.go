package company_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/client"
	"locum/views/ui/uitest"
)

func TestOperatorsCloseApplicationsAndRolesToVisitors(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	karin := h.As("karin")
	made := karin.Post("/platform/applications/new", "key", "plan", "name", "Planning", "icon", "route")
	app := strings.TrimPrefix(made.Location, "/platform/roles/new?level=application&application=")
	address := "/platform/applications/" + app + "/visitors"
	karin.Get(address).Hides("denied_paths") // no proxy asks for it
	if err := h.Clients.Connect(h.Ctx, h.Actor("karin"), app, client.Draft{Kind: client.Public, Hosts: "planning.example"}); err != nil {
		t.Fatal(err)
	}
	if link := uitest.Inside(karin.Get("/platform/applications/"+app).Page(http.StatusOK).One("#visitors"), "a")[0]; uitest.Attr(link, "href") != address {
		t.Errorf("the application's page leads to %q", uitest.Attr(link, "href"))
	}
	wrong := karin.Post(address, "denied_paths", "/admin\nadmin?", "whole", "yes")
	wrong.Wants(http.StatusUnprocessableEntity)
	wrong.Says("admin? is no rule", "/admin")
	karin.Post(address, "denied_paths", "/admin\nPOST /billing", "whole", "yes").GoesTo("/platform/applications/" + app + "#visitors")
	karin.Get(address).Says("POST /billing")
	if got, err := h.Clients.Get(h.Ctx, h.Actor("karin"), app); err != nil || !got.NotForVisitors || got.Client.DeniedPaths != "/admin\nPOST /billing" {
		t.Fatalf("%+v, %v", got, err)
	}
	h.As("marieke").Get(address).Wants(http.StatusForbidden)
	h.As("marieke").Post(address, "whole", "yes").Wants(http.StatusForbidden)
	karin.Post("/platform/roles/new", "level", "application", "application", app, "key", "chief", "name", "Chief", "not_for_visitors", "yes").GoesTo("/platform/roles")
	if r := role(t, h, "chief"); !r.NotForVisitors || r.Delegable() {
		t.Fatalf("%+v", r)
	}
	karin.Get("/platform/roles/" + role(t, h, "chief").ID).Says("Not for visitors")
	karin.Post("/platform/roles/"+role(t, h, "chief").ID, "name", "Chief").GoesTo("/platform/roles")
	if r := role(t, h, "chief"); r.NotForVisitors {
		t.Fatal("a role cannot be opened again")
	}
}
