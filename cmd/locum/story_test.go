package main

import (
	"testing"

	"locum/models/modelstest"
)

// TestStory lives the whole story in browsers, on each database: the steps
// build on each other, as they do for people.
func TestStory(t *testing.T) {
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			r := serveDemo(t, database)
			t.Run("A manager signs in through the identity provider", func(t *testing.T) {
				v := r.browser(t)
				v.open("/sign-in")
				v.fill("#email", "marieke@devries.example")
				v.click("main form .btn-primary")
				v.continuesAs("marieke@devries.example")
				v.at("/home")
			})
		})
	}
}
