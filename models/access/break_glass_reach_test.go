package access_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
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

// Nor does it see where its manager works elsewhere, what he is offered or asked for
// there, and when he was inside: it reaches its company and nothing else.
func TestABreakGlassSessionSeesNothingOfOtherHosts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "jan", delegation.Month)
		w.Switch("jan", w.Zonneveld)
		w.Advance(time.Minute)
		w.Switch("jan", w.Production)
		month := delegation.MonthOf("", w.Now(), time.UTC)
		if stays, err := w.Delegations.Stays(w.Ctx, w.Actor("jan"), month); err != nil || len(stays) != 1 {
			t.Fatalf("himself he sees %d, %v", len(stays), err)
		}
		offered, err := w.Delegations.Grant(w.Ctx, w.Actor("sanne"), delegation.Proposal{Email: janMail, Period: delegation.Week})
		no(t, err)
		outage(w)
		jan := w.ActorOf(breaks(w, janMail))
		_, err = w.Delegations.Stays(w.Ctx, jan, month)
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		_, err = w.Delegations.OwnRequests(w.Ctx, jan)
		w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		for _, id := range []string{d.ID, offered.ID} {
			_, err = w.Delegations.Offer(w.Ctx, jan, id)
			w.Wants(err, models.Forbidden, "breakglass.error.not_here")
		}
		w.Wants(w.Delegations.WithdrawRequest(w.Ctx, jan, "drq_x"), models.Forbidden, "breakglass.error.not_here")
		offers, err := w.Delegations.Offers(w.Ctx, jan)
		no(t, err)
		mine, err := w.Delegations.Mine(w.Ctx, jan)
		no(t, err)
		if len(offers) != 0 || len(mine) != 0 {
			t.Errorf("it is told of %d offers and %d delegations", len(offers), len(mine))
		}
	})
}
