package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func beginsWithAddresses(t *testing.T, s *story) {
	if status, body := get(t, s.Hub+"/readyz"); status != 200 {
		t.Errorf("the hub is not ready: %d %s", status, body)
	}
	if s.Mailbox["smtp"] == "" {
		t.Error("no address of the mail server")
	}
	if status, body := get(t, s.Mailbox["page"]); status != 200 || !strings.Contains(body, "<main") {
		t.Errorf("the mailbox's page answers %d", status)
	}
	if _, body := get(t, s.Mailbox["json"]); strings.TrimSpace(body) != "[]" {
		t.Errorf("mail of the demo's past went out: %s", body)
	}
	if status, body := get(t, s.IdentityProvider["metadata"]); status != 200 || !strings.Contains(body, "IDPSSODescriptor") {
		t.Errorf("the identity provider's metadata: %d %s", status, body)
	}
	if status, body := get(t, s.IdentityProvider["personas"]); status != 200 || !strings.Contains(body, rik) {
		t.Errorf("the personas: %d %s", status, body)
	}
	ways := map[string]bool{}
	for _, a := range s.Accounts {
		ways[a.SignIn] = true
		if a.Name == "" || !strings.Contains(a.Email, "@") || a.Can == "" {
			t.Errorf("an account lacks something: %+v", a)
		}
		request, err := http.NewRequest(http.MethodGet, s.Hub+"/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", s.Tokens[a.Email])
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || !strings.Contains(string(page), a.Name) || strings.Contains(string(page), "/sign-up") {
			t.Errorf("the token of %s signs nobody in: %d %v", a.Email, answer.StatusCode, err)
		}
	}
	if !ways["saml"] || !ways["code"] {
		t.Errorf("ways to sign in: %v", ways)
	}
}

func managerSignsIn(t *testing.T, s *story) {
	v := s.as(t, marieke)
	v.goesToCompany(marieke)
	v.continuesAs(marieke)
	v.at("/home")
	v.sees("De Vries Production")
	v.open("/account")
	v.shows("#sessions", "through the company")
}

func nobodyKnowsRik(t *testing.T, s *story) {
	v := s.as(t, rik)
	v.goesToCompany(rik)
	v.continuesAs(rik)
	v.at("/no-access")
	v.sees("You are signed in, but have no access yet")
	v.sees("De Vries Logistiek knows you as " + rik)
	v.finds(".ref")
	if status := v.status("/members"); status != 403 {
		t.Errorf("without a role /members answers %d", status)
	}
	m := s.as(t, marieke)
	m.open("/company/connectors")
	m.press("Company managers")
	m.shows(`select[name="account"]`, "Rik van den Heuvel") // among those whom a connector can be explained for
}

// answersAreRefused breaks the identity provider's answers on purpose.
func answersAreRefused(t *testing.T, s *story) {
	const koen = "koen.maes@devries.example"
	v := s.as(t, koen)
	v.goesToCompany(koen)
	v.continuesAs(koen)
	v.at("/home")
	v.sees("De Vries Belgium")
	v.signsOut()
	recorded := ""
	for _, refused := range []struct{ fault, title, advice string }{
		{"expired", "The answer of your identity provider came too late", "start again"},
		{"sha1", "Your identity provider signs in an outdated way", "SHA-256"},
		{"unsigned", "The answer of your identity provider is not signed", "switch on signing"},
		{"tampered", "The signature of the answer is not right", "start again"},
		{"audience", "The answer is meant for another address", "entity ID"},
		{"replay", "This answer", "Go back to the sign-in page and start again"},
	} {
		v.goesToCompany(koen)
		v.changesFirst(koen)
		v.choose(`input[name="fault"][value="` + refused.fault + `"]`)
		v.sends()
		v.finds(".reference")
		v.sees(refused.title)
		v.sees(refused.advice)
		if recorded = v.text(".reference"); len(recorded) < 8 {
			t.Errorf("%s: the reference is %q", refused.fault, recorded)
		}
		if status := v.status("/home"); status == 200 {
			t.Errorf("%s: signed in all the same", refused.fault)
		}
	}
	v.open(strings.TrimSuffix(s.IdentityProvider["metadata"], "/metadata"))
	v.click(`a[href*="/start?sp="]`)
	v.continuesAs(koen)
	v.sees("Start signing in here")
	v.finds(".reference")
	v.press("Back to the sign-in page")
	v.at("/sign-in")

	m := s.as(t, marieke)
	m.open("/company/activity?kind=refused")
	m.finds(`tr[data-event="session.refused"]`)
	m.sees(recorded)
}

const editors = "Planning editors in the Netherlands"

func connectorGives(t *testing.T, s *story) {
	v := s.as(t, marieke)
	v.open("/company/connectors")
	v.sees(`department is Warehouse and country is NL`)
	v.press("New connector")
	v.at("/company/connectors/new")
	v.press("Save connector")
	v.finds("#errors")
	v.sees("Enter the value to compare with.")
	v.sees("Give the connector a name.")
	v.fill(`[name="condition.0.attribute"]`, "group")
	v.fill(`[name="condition.0.value"]`, "Planning-Editors")
	v.shows("#sentence", "group is Planning-Editors")
	v.click(`button[name="add"][value="condition"]`)
	v.fill(`[name="condition.1.attribute"]`, "country")
	v.fill(`[name="condition.1.value"]`, "NL")
	v.shows("#sentence", "and country is NL")
	v.pick(`select[name="level"]`, "Application")
	v.pick(`select[name="organization"]`, "De Vries Production")
	v.pick(`select[name="application"]`, "Transport planning")
	v.pick(`select[name="role"]`, "Editor")
	v.fill("#name", editors)
	v.click(`button[name="preview"]`)
	v.shows(".diff", "Anna Visser")
	v.shows(".diff", "Fatima El Idrissi")
	v.press("Save connector")
	v.sees(editors + " is saved")
	v.sees("2 people gained a role.")
	v.open("/company/connectors")
	v.sees("group is Planning-Editors and country is NL Editor in Transport planning in De Vries Production")

	// It holds at once for who is known, and the role says where it comes from.
	v.open("/members?q=Fatima")
	v.click("main a text=Fatima El Idrissi")
	v.shows("#roles", "Editor")
	v.shows("#roles", "Connector “"+editors+"”, version 1")
	v.shows("#roles", "Planning-Editors")
	v.shows("#roles", "As the identity provider said at a sign-in")
}

// connectorWithoutScript builds one with nothing but forms.
func connectorWithoutScript(t *testing.T, s *story) {
	v := s.as(t, marieke)
	v.scripts(false)
	defer v.scripts(true)
	v.open("/company/connectors/new")
	v.fill(`[name="condition.0.attribute"]`, "department")
	v.fill(`[name="condition.0.value"]`, "IT")
	v.click(`button[name="add"][value="condition"]`)
	v.finds(`[name="condition.1.attribute"]`)
	v.fill(`[name="condition.1.attribute"]`, "group")
	v.fill(`[name="condition.1.value"]`, "IT")
	v.pick(`select[name="level"]`, "Application")
	v.press("Show the choices")
	v.finds(`select[name="application"]`)
	v.pick(`select[name="organization"]`, "De Vries Production")
	v.press("Show the choices")
	v.pick(`select[name="application"]`, "Transport planning")
	v.press("Show the choices")
	v.pick(`select[name="role"]`, "Viewer")
	v.fill("#name", "IT looks along")
	v.click(`button[name="preview"]`)
	v.shows(".diff", "Jan-Willem Hoekstra")
	v.press("Save connector")
	v.sees("IT looks along is saved")
	v.sees("1 person gained a role.")
}

// planning is the script of what somebody has in Transport planning.
const planning = `([...document.querySelectorAll("main section")].find((e) => e.querySelector("h2")?.innerText.includes("Transport planning"))?.querySelector(".tags")?.innerText ?? "")`

// groupsGo lets the identity provider say less and less of Anna.
func groupsGo(t *testing.T, s *story) {
	v := s.as(t, anna)
	v.goesToCompany(anna)
	v.continuesAs(anna)
	v.at("/home")
	v.enters("De Vries Production")
	v.open("/applications")
	v.waits(planning+`.includes("Editor")`, "for Transport planning to show her role")
	v.signsOut()

	without := func(groups, country string) {
		v.goesToCompany(anna)
		v.changesFirst(anna)
		v.fill("#values-groups", groups)
		v.fill("#values-country", country)
		v.sends()
	}
	without("Production-Staff", "NL")
	v.at("/home")
	v.enters("De Vries Production")
	v.open("/applications")
	v.waits(planning+` !== "" && !`+planning+`.includes("Editor")`, "for Transport planning to show no role of hers")
	production := v.text(".switcher")
	v.signsOut()

	// Without any group she works in Belgium alone, for her country.
	without("", "BE")
	v.at("/home")
	v.sees("De Vries Belgium")
	v.misses("De Vries Production")
	if !strings.Contains(production, "De Vries Production") {
		t.Errorf("before, she worked in %q", production)
	}
	v.signsOut()

	without("", "NL")
	v.at("/no-access")
	v.sees("You are signed in, but have no access yet")
	v.signsOut()
}
