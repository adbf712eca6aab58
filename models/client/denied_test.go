package client_test

import (
	"strings"
	"testing"

	"locum/models"
	"locum/models/client"
	"locum/models/modelstest"
)

func TestWhatIsDeniedToVisitorsIsDeniedHoweverItIsWritten(t *testing.T) {
	c := client.Client{DeniedPaths: "/admin\nPOST /billing"}
	for _, uri := range []string{"/admin", "/admin/", "/admin/users?x=1", "/ADMIN", "//admin", "/%61dmin", "/admin;v=1/x", "/x;y/../admin", "/x/../admin", "/x/%2e%2e/admin", "/x/%2E%2e%2fadmin",
		"/%2fadmin", "/x%2f..%2fadmin", "/%252e%252e/admin", "/%2561dmin", "/x\\..\\admin", "/.%00/admin", "/%ff", "/%zz", "/adm%C4%B1n/..;/admin", "/x/..;/admin", "/x/...", "/admin.", "/%6",
		"https://planning.example/admin", "/.;x/admin", "/adMİn/../admin"} {
		if !c.Denies("GET", uri) {
			t.Errorf("GET %s passes", uri)
		}
	}
	for _, uri := range []string{"/", "/administrator", "/board?next=/admin", "/board;v=2/week", "/b%C3%A9/x", "/billing", "/board#/admin", "//board", "/x/admin"} {
		if c.Denies("GET", uri) {
			t.Errorf("GET %s is denied", uri)
		}
	}
	for _, method := range []string{"POST", "post"} {
		if !c.Denies(method, "/Billing/2026") {
			t.Errorf("%s /Billing/2026 passes", method)
		}
	}
	if c.Denies("PUT", "/billing") || !(client.Client{DeniedPaths: "GET /a"}).Denies("HEAD", "/a") {
		t.Error("methods are mixed up")
	}
	if !(client.Client{DeniedPaths: "/"}).Denies("GET", "/anything") || (client.Client{}).Denies("GET", "/x/../admin") {
		t.Error("everything, or nothing, is not what it says")
	}
}

func FuzzWhatIsDeniedToVisitors(f *testing.F) {
	for _, uri := range []string{"/admin", "/%61dmin/x", "//admin;x", "/x/../admin", "", "?", "/\x00"} {
		f.Add(uri)
	}
	c := client.Client{DeniedPaths: "/admin"}
	f.Fuzz(func(t *testing.T, uri string) {
		path, _, _ := strings.Cut(uri, "?")
		if strings.HasPrefix(strings.ToLower(path), "/admin/") && !c.Denies("GET", uri) {
			t.Errorf("%q passes", uri)
		}
		if !strings.HasPrefix(path, "/") && !c.Denies("GET", uri) {
			t.Errorf("%q is no path and passes", uri)
		}
	})
}

func TestRulesForVisitorsAreReadAndRecorded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		by, app := connected(t, w, "planning", client.Draft{Kind: client.Public, Hosts: "planning.example"})
		for _, bad := range []string{"admin", "/a/../b", "post /billing", "/a b", "/%61", "GET", "/a?x", "/a;b", "/a\\b"} {
			if err := w.Clients.CloseToVisitors(w.Ctx, by, app.ID, client.Closing{Paths: bad}); models.KindOf(err) != models.Invalid {
				t.Errorf("%q is taken: %v", bad, err)
			}
		}
		if err := w.Clients.CloseToVisitors(w.Ctx, by, app.ID, client.Closing{Whole: true, Paths: " /admin \n\nPOST  /billing"}); err != nil {
			t.Fatal(err)
		}
		row, err := w.Clients.ByHost(w.Ctx, "planning.example")
		if err != nil || row.DeniedPaths != "/admin\nPOST /billing" {
			t.Fatalf("%+v, %v", row, err)
		}
		if got, err := w.Clients.Get(w.Ctx, by, app.ID); err != nil || !got.NotForVisitors {
			t.Fatalf("%+v, %v", got, err)
		}
		w.Wants(w.Clients.CloseToVisitors(w.Ctx, w.Actor("ria"), app.ID, client.Closing{}), models.Forbidden, "")
	})
}
