package main

import "testing"

// People of the story of connected applications.
const (
	hugo = "hugo@zonneveld.example"
	kade = "Kade Consultants"
)

// TestConnectedApplications works in Bridge, which signs people in by OpenID
// Connect, and in Stock levels, which stands behind a proxy, and administers both.
func TestConnectedApplications(t *testing.T) {
	t.Parallel()
	newStory(t, "sqlite").tells([]scene{
		{"an application signs in by Locum", bridgeSignsIn},
		{"it follows the top bar by itself", bridgeFollows},
		{"one behind a proxy sends who is not known to the sign-in", boardAsksWho},
		{"one behind a proxy is told of a visit", boardTellsOfVisit},
		{"the host sees who may use an application, and who was in it", hostSeesWhoMay},
		{"what is closed to visitors says what to do", closedToVisitors},
		{"a revocation closes both at once", revokedWhileInside},
		{"signing out of an application", signedOutOfApplication},
		{"signing out of Locum", signedOutOfLocum},
		{"an operator registers an application", applicationRegistered},
		{"its secrets change without a gap", secretsRotated},
		{"an organization takes it into use", applicationTakenIntoUse},
		{"it is switched off", applicationSwitchedOff},
	})
}
