package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// opensUntil opens the page that is shown again and again until an element says a
// text: what it tells of happens behind it. Until then it says another.
func (v *visitor) opensUntil(selector, text, meanwhile string) {
	v.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		shown := v.text(selector)
		if strings.Contains(shown, text) && !strings.Contains(shown, meanwhile) {
			return
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("%s never says %q\n%s", selector, text, v.where())
		}
		v.run("open the page again", chromedp.Reload())
	}
}

// hostSeesWhoMay reads in the host who may use Bridge, and who was there last.
func hostSeesWhoMay(t *testing.T, s *story) {
	k := s.as(t, karin)
	k.signsIn(karin)
	k.enters(host)
	k.open("/applications")
	k.click(`main a[href^="/applications/app_"][aria-label="Who may use it: Bridge"]`)
	k.finds("#members")
	k.shows("#roles", "All members")
	k.waits(`document.querySelectorAll("#members tbody tr").length === 5 && document.querySelector("#roles td.num").innerText.startsWith("5")`, "to see that all five members have the default role")
	k.shows("#visitors", "Sanne Kuipers")
	k.opensUntil("#state", "Sanne Kuipers", "Never")
}

// gate is an application that nobody knew before.
const gate = "Yard gates"

// applicationRegistered registers one with two roles, and connects it.
func applicationRegistered(t *testing.T, s *story) {
	l := s.as(t, lotte)
	l.open("/platform/applications")
	l.click(`a[href="/platform/applications/new"]`)
	l.click(".form-foot button")
	l.shows("#name-error", "Fill this in.")
	l.fill("#name", gate)
	l.fill("#key", "yard")
	l.fill("#description", "Who comes through the gate")
	l.click(".form-foot button")
	l.at("/platform/roles/new")
	l.sees("Register its first role. That one becomes its default.")
	l.fill("#name", "Guard")
	l.fill("#key", "guard")
	l.click(".form-foot button")
	l.at("/platform/roles")
	l.sees("Guard")

	l.open("/platform/applications")
	l.click("main a text=" + gate)
	l.sees("Not connected yet")
	l.press("Connect")
	l.fill("#redirect_uris", "http://gate.example/callback#here")
	l.click(".form-foot button")
	l.shows("#redirect_uris-error", "cannot be used")
	l.fill("#redirect_uris", "https://gate.example/callback")
	l.click(".form-foot button")
	l.sees(gate + " is connected.")
	l.shows("#secrets", "No secret yet.")
}

// secretsRotated makes two secrets, which both count, and ends the first.
func secretsRotated(t *testing.T, s *story) {
	l := s.as(t, lotte)
	page := l.path()
	id := page[strings.LastIndex(page, "/")+1:]
	var made []string
	for n := range 2 {
		l.press("Make a secret")
		l.sees("Copy it now. It is not shown again.")
		shown := l.texts(".copy code")
		if len(shown) != 2 || shown[0] != id || len(shown[1]) < 30 {
			t.Fatalf("the page shows %q", shown)
		}
		made = append(made, shown[1])
		l.press("I have copied it")
		l.at(page)
		l.run("go back", chromedp.Evaluate(`history.back()`, nil)) // to no form that is sent again
		l.at(page)
		for _, secret := range made {
			l.misses(secret)
		}
		if n == 0 {
			continue
		}
		l.shows("#secrets", "Two are live. Revoke one to make another.")
		l.lacks(`form[action$="/secrets"]`)
	}
	for i, secret := range made {
		if got := s.introspects(t, id, secret); got != http.StatusOK {
			t.Errorf("secret %d is answered with %d while both are live", i+1, got)
		}
	}
	end := made[0][len(made[0])-4:]
	l.open(page)
	l.click(`#secrets a[aria-label$="` + end + `"]`)
	l.sees("Whatever still uses it stops at once.")
	l.click(".form-foot button")
	l.at(page)
	l.sees("is revoked.")
	for i, want := range []int{http.StatusUnauthorized, http.StatusOK} {
		if got := s.introspects(t, id, made[i]); got != want {
			t.Errorf("secret %d is answered with %d after the first was revoked, want %d", i+1, got, want)
		}
	}
}

// introspects asks the hub about a token as an application does, and is the status
// of the answer.
func (s *story) introspects(t *testing.T, id, secret string) int {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Hub+"/oauth/introspect", strings.NewReader(url.Values{"token": {"nothing"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		Active bool `json:"active"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || said.Active {
		t.Errorf("the answer is %v %v", said, err)
	}
	return answer.StatusCode
}

// applicationTakenIntoUse enables it in an organization: all members have its
// default role there.
func applicationTakenIntoUse(t *testing.T, s *story) {
	page := s.as(t, lotte).path()
	id := page[strings.LastIndex(page, "/")+1:]
	k, r := s.as(t, karin), s.as(t, ria)
	k.open("/applications")
	k.shows("#unused", gate)
	k.click(`form[action="/applications/` + id + `/enable"] button`)
	k.sees("The application is in use.")
	k.open("/applications/" + id)
	k.shows("#roles", "All members")
	k.shows("#state", "Never")
	k.waits(`document.querySelectorAll("#members tbody tr").length === 5`, "to see five members")

	r.signsIn(ria)
	r.enters(host)
	r.open("/applications/" + id)
	r.shows("#state", "Guard")
	r.lacks(`a[href="/applications/` + id + `/disable"]`)
}

// applicationSwitchedOff turns Bridge away at the hub.
func applicationSwitchedOff(t *testing.T, s *story) {
	l, v := s.as(t, lotte), s.as(t, sanne)
	l.open("/platform/applications")
	l.click("main a text=Bridge")
	l.click(`a[href$="/disable"]`)
	l.click(".form-foot button")
	l.sees("The application is off.")
	v.open(s.Bridge + "/sign-in")
	v.sees("switched off")
	l.press("Switch on")
	l.sees("The application is on again.")
	v.open(s.Bridge + "/sign-in")
	v.at("/sign-in")
}
