package delegation_test

import (
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/tenancy"
)

// The consultant hears nothing of what only waits for another superuser, not
// even that he cannot ask for it.
func TestWhoIsProposedHearsNothingOfItByAsking(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{Approval: true})
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
		no(t, err)
		links := delegation.NewRequestLinks(w.Store, w.Keys)
		no(t, links.Renew(w.Ctx, w.Actor("karin")))
		link, err := links.Current(w.Ctx, w.Actor("karin"))
		no(t, err)
		_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), link.Token, delegation.Wish{Period: delegation.Week, Reason: "Stock count"})
		no(t, err)
	})
}

// A superuser who leaves leaves a question about what he proposed. Another who
// approves it has answered.
func TestWhoApprovesAnswersForWhoLeft(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Join("joost", "Joost Bakker", "joost@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		wants(w, tenancy.Hosting{Approval: true})
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("joost"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Month})
		no(t, err)
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("joost")))
		if read(w, d.ID).Question != delegation.GranterGone {
			t.Fatal("nobody is asked")
		}
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, read(w, d.ID).Waiting.ID, ""))
		if now := read(w, d.ID); now.Question != "" || now.AnswerBy != nil {
			t.Errorf("it still asks: %s by %v", now.Question, now.AnswerBy)
		}
	})
}

// What was proposed before the host set a cap does not outlast it.
func TestAChangeBeyondTheCapOfTheDayIsNotApproved(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Day)
		wants(w, tenancy.Hosting{Approval: true})
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.ThreeMonths, ""))
		wants(w, tenancy.Hosting{Approval: true, LongestDays: 7})
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, read(w, d.ID).Waiting.ID, ""), models.Conflict, "granting.error.cap")
		if now := read(w, d.ID); !now.EndsAt.Equal(d.EndsAt.Time) {
			t.Errorf("it ends %v", now.EndsAt)
		}
	})
}
