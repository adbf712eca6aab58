package event_test

import (
	"strings"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
)

// visit has Sanne be in Zonneveld, and back.
func visit(t *testing.T, w *modelstest.World) {
	t.Helper()
	w.Delegate("karin", "sanne", delegation.Week)
	w.Switch("sanne", w.Zonneveld)
	if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
}

func TestTrailIsNarrowed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		visit(t, w)
		all, err := w.Trail.Organization(w.Ctx, w.Actor("ria"), event.Filter{})
		if err != nil || len(all) < 6 {
			t.Fatalf("the whole trail has %d events, %v", len(all), err)
		}
		for name, c := range map[string]struct {
			filter event.Filter
			want   int
		}{
			"one type":                  {event.Filter{Type: event.VisitEntered}, 1},
			"a group":                   {event.Filter{Type: "visit"}, 2},
			"several":                   {event.Filter{Types: []string{"visit", event.DelegationGranted}}, 3},
			"a group beside a group":    {event.Filter{Type: "delegation", Types: []string{"visit"}}, 4},
			"signs of LIKE in a type":   {event.Filter{Types: []string{"%"}}, 0},
			"through a delegation":      {event.Filter{Visits: true}, 2},
			"several, and one person":   {event.Filter{Types: []string{"visit", "delegation"}, Account: w.ID("karin")}, 1},
			"text, and a type":          {event.Filter{Types: []string{"delegation"}, Text: "SANNE KUIPERS"}, 1},
			"older than the newest two": {event.Filter{Before: all[1].Position, Limit: 1}, 1},
		} {
			if got, err := w.Trail.Organization(w.Ctx, w.Actor("ria"), c.filter); err != nil || len(got) != c.want {
				t.Errorf("%s: %d events, want %d, %v", name, len(got), c.want, err)
			}
		}
	})
}

func TestTrailKeepsToItsOrganization(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		visit(t, w)
		// Also where a filter holds an OR.
		got, err := w.Trail.Organization(w.Ctx, w.Actor("anna"), event.Filter{Types: []string{"visit", "delegation"}})
		if err != nil || len(got) != 0 {
			t.Errorf("De Vries reads %d events of Zonneveld, %v", len(got), err)
		}
		_, err = w.Trail.Company(w.Ctx, w.Actor("jan"), event.Filter{})
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestAddressesAreForThoseWhoManagePeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		visit(t, w)
		for reader, told := range map[string]bool{"karin": true, "ria": false} {
			got, err := w.Trail.Organization(w.Ctx, w.Actor(reader), event.Filter{Type: event.SignedIn, Account: w.ID("karin")})
			if err != nil || len(got) == 0 {
				t.Fatalf("%s reads %v %v", reader, got, err)
			}
			for _, e := range got {
				if strings.Contains(e.Address, "192.0.2.7") != told || (e.SessionID != "") != told {
					t.Errorf("%s reads address %q and session %q", reader, e.Address, e.SessionID)
				}
			}
		}
	})
}
