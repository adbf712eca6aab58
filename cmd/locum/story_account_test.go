package main

import (
	"fmt"
	"strings"
	"testing"
)

// activityShows reads the audit trail on both sides.
func activityShows(t *testing.T, s *story) {
	k := s.as(t, karin)
	k.open("/activity")
	for _, kind := range []string{"delegation.granted", "delegation.accepted", "delegation.extended", "delegation.revoked", "delegation.expired", "visit.entered", "visit.left", "access.refused"} {
		k.finds(fmt.Sprintf(`tr[data-event=%q]`, kind))
	}
	rows := k.texts(`tr[data-event^="visit."]`)
	for _, row := range rows {
		if strings.Contains(row, "Noor Hendriks") && (!strings.Contains(row, home) || !strings.Contains(row, host)) {
			t.Errorf("a row without both parties: %s", row)
		}
	}
	if len(rows) < 8 {
		t.Errorf("visits in the trail: %q", rows)
	}
	for _, row := range k.texts(`tr[data-event="access.refused"]`) {
		if strings.Contains(row, "Noor Hendriks") && (!strings.Contains(row, home) || !strings.Contains(row, host)) {
			t.Errorf("a refusal without both parties: %s", row)
		}
	}

	v := s.as(t, noor)
	v.open("/activity")
	v.finds(`tr[data-event="visit.away"]`)
	v.finds(`tr[data-event="visit.returned"]`)
	v.lacks(`tr[data-event="access.refused"]`)
	v.lacks(`tr[data-event^="delegation."]`)
	v.lacks(`tr[data-event="visit.entered"]`)
}

func accountOfOnesOwn(t *testing.T, s *story) {
	v := s.as(t, noor)
	second := s.as(t, "noor's other browser")
	second.signsIn(noor)
	second.open("/account")
	second.finds("#sessions")

	v.open("/account")
	v.fill("#name", "")
	v.press("Save")
	v.shows("#name-error", "Fill this in.")
	v.fill("#name", "Noor Hendriks-Bos")
	v.pick("#language", "Nederlands")
	v.pick("#time_zone", "Europe/Lisbon")
	v.press("Save")
	v.finds(`html[lang="nl"]`)
	v.sees("Profiel")
	v.pick("#language", "English")
	v.press("Opslaan")
	v.finds(`html[lang="en"]`)
	v.waits(`document.querySelector("#name").value === "Noor Hendriks-Bos" && document.querySelector("#time_zone").value === "Europe/Lisbon"`, "to find what was saved")

	if n := len(v.texts("#sessions li")); n != 2 {
		t.Errorf("%d sessions", n)
	}
	v.click(`#sessions form[action$="/revoke"] button`)
	v.sees("That session is ended.")
	second.at("/sign-in") // by itself
	if got := second.status("/account"); got == 200 {
		t.Error("the second browser is still signed in")
	}
	v.signsOut()
	v.open("/account")
	v.at("/sign-in")
}
