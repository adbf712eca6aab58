package access_test

import (
	"testing"

	"locum/models"
	"locum/models/modelstest"
)

// A role in the company alone has no organization, and neither has a form
// without one: they must not fit each other.
func TestASwitchToNowhereIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		before := w.Actor("marieke")
		_, err := w.Sessions.Switch(w.Ctx, before, "")
		w.Wants(err, models.NotFound, "")
		if now := w.Actor("marieke"); now.Epoch != before.Epoch || now.Effective != before.Effective {
			t.Errorf("she works in %s now", now.Effective.Label())
		}
	})
}
