package access_test

import (
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/webhook"
)

// A break-glass session leaves nothing behind by which somebody reads or is given
// roles when it is over: no token of a directory, no other address of a webhook.
func TestABreakGlassSessionLeavesNoWayIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		directories := directory.New(w.Store, provisioning.NewConnectors(w.Store))
		hooks, err := webhook.New(w.Store, w.Keys)
		no(t, err)
		own, _, err := directories.Add(w.Ctx, w.Actor("marieke"), directory.Draft{Name: "Entra", Kind: directory.Entra})
		no(t, err)
		e, _, err := hooks.Make(w.Ctx, w.Actor("marieke"), webhook.OfCompany, webhook.Draft{URL: "https://hooks.example"})
		no(t, err)
		outage(w)
		jan := w.ActorOf(breaks(w, janMail))
		_, err = hooks.Change(w.Ctx, jan, webhook.OfCompany, e.ID, webhook.Draft{URL: "https://elsewhere.example"})
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		_, err = directories.NewToken(w.Ctx, jan, own.ID, 0)
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		_, _, err = directories.Add(w.Ctx, jan, directory.Draft{Name: "Okta", Kind: directory.Okta})
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		no(t, directories.Pause(w.Ctx, jan, own.ID)) // which he is there for
	})
}
