package main

import (
	"net/url"
	"testing"

	"locum/models/modelstest"
)

// TestDemoIsKept stops a demo and starts it again on the same folder and
// database, on other ports.
func TestDemoIsKept(t *testing.T) {
	t.Parallel()
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			folder, address := t.TempDir(), ""
			if database == "postgres" {
				address = modelstest.URL(t, database)
			}
			first := serveDemoIn(t, folder, address)
			v := first.browser(t)
			v.signsIn(karin)
			v.open("/account")
			v.fill("#name", "Karin Schouten-Mol")
			v.press("Save")
			v.sees("Your profile is saved.")
			first.stop()

			second := serveDemoIn(t, folder, address)
			if second.Hub == first.Hub {
				t.Logf("the same port twice: %s", second.Hub)
			}
			if len(second.mails(t, url.Values{"to": {karin}})) == 0 {
				t.Error("the mails of the first run are gone")
			}
			v = second.browser(t)
			v.signsIn(karin)
			v.open("/account")
			v.waits(`document.querySelector("#name")?.value === "Karin Schouten-Mol"`, "to find what the first run saved")
			m := second.browser(t)
			m.goesToCompany(marieke)
			m.continuesAs(marieke)
			m.at("/home")
			m.sees("De Vries Production")
		})
	}
}
