package feed_test

import (
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/feed"
	"locum/models/modelstest"
)

// A token works where it was made, wherever its maker works meanwhile; and nobody
// makes one during a visit, which it would outlive.
func TestEdge10ATokenIsPinnedToItsOrganizationAndNoneIsMadeDuringAVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f, err := feed.New(w.Store, w.Keys)
		if err != nil {
			t.Fatal(err)
		}
		make := func(who string, ofOrganization bool) (string, error) {
			scope := feed.ReadVisits
			if !ofOrganization {
				scope = feed.ReadEvents
			}
			_, text, err := f.Make(w.Ctx, w.Actor(who), feed.Draft{OfOrganization: ofOrganization, Name: "Nightly", Scopes: []feed.Scope{scope}, Days: 30})
			return text, err
		}
		token, err := make("karin", true)
		if err != nil {
			t.Fatal(err)
		}
		pinned := func(when string) {
			t.Helper()
			by, err := f.Actor(w.Ctx, token, feed.ReadVisits, "192.0.2.7")
			if err != nil || by.Effective.Organization != w.Zonneveld.Organization || by.Account != w.ID("karin") || by.Delegation != "" || by.Visit != "" {
				t.Errorf("%s it works in %s by %q, visit %q: %v", when, by.Effective.Label(), by.Delegation, by.Visit, err)
			}
		}
		pinned("made,")
		w.Delegate("jan", "karin", delegation.Week)
		w.Switch("karin", w.Production)
		pinned("while its maker visits another organization,")
		for _, ofOrganization := range []bool{true, false} {
			_, err := make("karin", ofOrganization)
			w.Wants(err, models.Forbidden, "error.forbidden")
		}
		if _, err := w.Sessions.Leave(w.Ctx, w.Actor("karin")); err != nil {
			t.Fatal(err)
		}
		pinned("once he is back,")
	})
}
