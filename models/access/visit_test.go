package access_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
)

func TestAVisitFromEnteringToLeaving(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		if d.EndsAt.Sub(w.Now()) != 7*24*time.Hour {
			t.Fatalf("a week ends %s", d.EndsAt)
		}
		arrival := w.Switch("sanne", w.Zonneveld)
		if !arrival.Via || arrival.Told != 2 {
			t.Fatalf("arrived: %+v", arrival)
		}
		sanne := w.Actor("sanne")
		if sanne.Effective.Organization != w.Zonneveld.Organization || sanne.Real.Organization != w.Kade.Organization || !sanne.Visiting() {
			t.Fatalf("she works in %+v", sanne.Effective)
		}
		if !sanne.May(models.ViewMembers) || sanne.May(models.ManageDelegations) || sanne.May(models.ViewCompany) {
			t.Fatalf("she may %v", sanne.Permissions)
		}
		w.Advance(38 * time.Minute)
		out, err := w.Sessions.Leave(w.Ctx, sanne)
		if err != nil || out.Left != "Zonneveld Bakkerijen" {
			t.Fatalf("left %+v: %v", out, err)
		}
		if w.Actor("sanne").Visiting() {
			t.Fatal("still inside")
		}
		if n := len(w.Mails(mail.EnteredKind)); n != 2 {
			t.Fatalf("%d entered mails", n)
		}
		left := w.Mails(mail.LeftKind)
		entered := w.Mails(mail.EnteredKind)
		if len(left) != 2 || left[0].InReplyTo == "" || left[0].InReplyTo != entered[0].MessageID && left[0].InReplyTo != entered[1].MessageID {
			t.Fatalf("left mails %+v", left)
		}
		if w.Count(w.Zonneveld, event.VisitEntered) != 1 || w.Count(w.Zonneveld, event.VisitLeft) != 1 || w.Count(w.Kade, event.AwayEntered) != 1 {
			t.Fatalf("events: %v / %v", w.Events(w.Zonneveld), w.Events(w.Kade))
		}
	})
}
