package delegation_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
)

// link switches Zonneveld's request link on and gives its token.
func link(w *modelstest.World) string {
	w.T.Helper()
	links := delegation.NewRequestLinks(w.Store, w.Keys)
	if err := links.Renew(w.Ctx, w.Actor("karin")); err != nil {
		w.T.Fatal(err)
	}
	l, err := links.Current(w.Ctx, w.Actor("karin"))
	if err != nil || l == nil {
		w.T.Fatal(l, err)
	}
	return l.Token
}

var wish = delegation.Wish{Period: delegation.Week, Reason: "Year-end stock count", Ticket: "INV-1"}

func TestARequestIsGrantedByTheOrdinaryForm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := link(w)
		host, err := w.Delegations.RequestHost(w.Ctx, w.Actor("sanne"), token)
		if err != nil || host.Host.Name != "Zonneveld Bakkerijen" || host.Open != nil {
			t.Fatalf("asked: %+v %v", host, err)
		}
		r, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
		if got := w.Mails(mail.AccessRequestedKind); len(got) != 2 { // karin and pim
			t.Fatalf("told: %+v", got)
		}
		_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		w.Wants(err, models.Conflict, "request.error.open")
		open, err := w.Delegations.OpenAccessRequests(w.Ctx, w.Actor("pim"))
		if err != nil || len(open) != 1 || open[0].ID != r.ID {
			t.Fatalf("open: %+v %v", open, err)
		}
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("pim"), r.Proposal())
		no(t, err)
		one, err := w.Delegations.AccessRequest(w.Ctx, w.Actor("karin"), r.ID)
		if err != nil || one.Outcome(w.Now()) != delegation.RequestGranted || one.DelegationID != d.ID || one.EndedByName != "Pim Zonneveld" || one.Firm.Name != "Kade Consultants" {
			t.Fatalf("it is %+v %v", one, err)
		}
		if d.Reason != wish.Reason || d.Ticket != wish.Ticket {
			t.Errorf("given: %+v", d)
		}
		_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		w.Wants(err, models.Conflict, "request.error.have")
		_, err = w.Delegations.RefuseAccess(w.Ctx, w.Actor("karin"), r.ID, "")
		w.Wants(err, models.Conflict, "request.error.over")
	})
}

func TestARefusedRequestTellsWhoAsked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := link(w)
		r, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
		_, err = w.Delegations.RefuseAccess(w.Ctx, w.Actor("karin"), r.ID, "Ask again in January")
		no(t, err)
		if got := w.Mails(mail.AccessRequestRefusedKind); len(got) != 1 || got[0].Recipient != "sanne@kade.example" {
			t.Fatalf("told: %+v", got)
		}
		again, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish) // a refusal is no ban
		no(t, err)
		w.Wants(w.Delegations.WithdrawRequest(w.Ctx, w.Actor("thomas"), again.ID), models.NotFound, "not_found")
		no(t, w.Delegations.WithdrawRequest(w.Ctx, w.Actor("sanne"), again.ID))
		own, err := w.Delegations.OwnRequests(w.Ctx, w.Actor("sanne"))
		if err != nil || len(own) != 2 || own[1].Note != "Ask again in January" {
			t.Fatalf("own: %+v %v", own, err)
		}
		if w.Count(w.Zonneveld, event.RequestRefused) != 1 || w.Count(w.Zonneveld, event.RequestWithdrawn) != 1 {
			t.Errorf("events: %v", w.Events(w.Zonneveld))
		}
	})
}

func TestARequestLapsesAfterSevenDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := link(w)
		r, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
		w.Advance(7*24*time.Hour - time.Microsecond)
		w.NewSession("karin")
		w.NewSession("sanne")
		if r.Outcome(w.Now()) != delegation.RequestWaiting {
			t.Fatal("it lapsed too soon")
		}
		w.Advance(time.Microsecond)
		open, err := w.Delegations.OpenAccessRequests(w.Ctx, w.Actor("karin"))
		if err != nil || len(open) != 0 || r.Outcome(w.Now()) != delegation.RequestLapsed {
			t.Fatalf("open: %+v %v", open, err)
		}
		_, err = w.Delegations.RefuseAccess(w.Ctx, w.Actor("karin"), r.ID, "")
		w.Wants(err, models.Conflict, "request.error.over")
		_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
	})
}

// Edge case 18 of delegation.md: a stale link.
func TestEdge18ARequestLinkThatWasRenewedIsDeadAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		old := link(w)
		renewed := link(w)
		if old == renewed {
			t.Fatal("it is the same")
		}
		_, dead := w.Delegations.RequestHost(w.Ctx, w.Actor("sanne"), old)
		_, never := w.Delegations.RequestHost(w.Ctx, w.Actor("sanne"), "nothing")
		if dead == nil || never == nil || dead.Error() != never.Error() {
			t.Fatalf("a dead link answers %v, another %v", dead, never)
		}
		_, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), old, wish)
		w.Wants(err, models.NotFound, "not_found")
		links := delegation.NewRequestLinks(w.Store, w.Keys)
		foreign, err := links.Current(w.Ctx, w.Actor("marieke"))
		if err != nil || foreign != nil {
			t.Fatalf("another organization sees %+v %v", foreign, err)
		}
		no(t, links.Remove(w.Ctx, w.Actor("marieke")))
		_, err = w.Delegations.RequestHost(w.Ctx, w.Actor("sanne"), renewed)
		no(t, err)
		no(t, links.Remove(w.Ctx, w.Actor("pim")))
		no(t, links.Remove(w.Ctx, w.Actor("karin"))) // another tab
		_, err = w.Delegations.RequestHost(w.Ctx, w.Actor("sanne"), renewed)
		w.Wants(err, models.NotFound, "not_found")
		_, err = links.Current(w.Ctx, w.Actor("ria"))
		w.Wants(err, models.Forbidden, "forbidden")
	})
}

func TestWhoCannotAsk(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		token := link(w)
		ask := func(who string) error {
			_, err := w.Delegations.RequestAccess(w.Ctx, w.Actor(who), token, wish)
			return err
		}
		w.Wants(ask("ria"), models.Conflict, "request.error.member")
		w.System(func(tx *store.Tx) error {
			return tx.Table("addresses").Where("account_id = ?", w.ID("thomas")).Update("proven_at", nil).Error
		})
		w.Wants(ask("thomas"), models.Forbidden, "request.error.unproven")
		for field, in := range map[string]delegation.Wish{
			"reason": {Period: delegation.Week}, "period": {Period: "forever", Reason: "x"},
			"date": {Period: delegation.UntilDate, Date: "1-11-2026", Reason: "x"},
		} {
			_, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, in)
			w.Wants(err, models.Invalid, field)
		}
		_, err := w.Delegations.AccessRequest(w.Ctx, w.Actor("marieke"), "drq_unknown")
		w.Wants(err, models.NotFound, "not_found")
		r, err := w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		no(t, err)
		_, err = w.Delegations.AccessRequest(w.Ctx, w.Actor("marieke"), r.ID)
		w.Wants(err, models.NotFound, "not_found")
		_, err = w.Delegations.RefuseAccess(w.Ctx, w.Actor("marieke"), r.ID, "")
		w.Wants(err, models.NotFound, "not_found")
	})
}

func TestRequestsAreLimited(t *testing.T) {
	t.Run("of a person", func(t *testing.T) {
		w := modelstest.New(t, "sqlite")
		token := link(w)
		var err error
		for range 11 {
			_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor("sanne"), token, wish)
		}
		w.Wants(err, models.TooMany, "request.error.too_many")
	})
	t.Run("of an organization", func(t *testing.T) {
		w := modelstest.New(t, "sqlite")
		token := link(w)
		var err error
		for i := range 51 {
			key := fmt.Sprintf("p%d", i)
			w.Person(key, "Person", key+"@x.example")
			_, err = w.Delegations.RequestAccess(w.Ctx, w.Actor(key), token, wish)
		}
		w.Wants(err, models.TooMany, "request.error.too_many")
	})
}

// Months of the time sheet add up: what lies outside of one is not in it.
func TestStaysAreTheConsultantsOwnAndCutAtTheMonth(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Month)
		w.Advance(time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC).Sub(w.Now())) // 23:00 in Amsterdam
		w.NewSession("sanne")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(3 * time.Hour)
		zone, err := time.LoadLocation("Europe/Amsterdam")
		no(t, err)
		november, december := delegation.MonthOf("2026-11", w.Now(), zone), delegation.MonthOf("", w.Now(), zone)
		if december.Key() != "2026-12" || december.Previous().Key() != "2026-11" || november.Next().Key() != "2026-12" {
			t.Fatalf("months: %v %v", november, december)
		}
		for key, want := range map[string]time.Duration{"2026-11": time.Hour, "2026-12": 2 * time.Hour} {
			list, err := w.Delegations.Stays(w.Ctx, w.Actor("sanne"), delegation.MonthOf(key, w.Now(), zone))
			if err != nil || len(list) != 1 || list[0].Length() != want || list[0].Host.Name != "Zonneveld Bakkerijen" || !list[0].Open() {
				t.Errorf("%s: %+v %v", key, list, err)
			}
		}
		for _, other := range []string{"thomas", "karin"} {
			if list, err := w.Delegations.Stays(w.Ctx, w.Actor(other), november); err != nil || len(list) != 0 {
				t.Errorf("%s sees %+v %v", other, list, err)
			}
		}
		if list, err := w.Delegations.Stays(w.Ctx, w.Actor("sanne"), december.Next()); err != nil || len(list) != 0 {
			t.Errorf("of a month to come: %+v %v", list, err)
		}
	})
}

// A visit that is not closed yet ended with its delegation: of a time after that
// nothing is counted, and never less.
func TestOfAVisitWhoseDelegationRanOutNothingIsCountedAfterwards(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.FourHours)
		by := w.Actor("sanne")
		w.Switch("sanne", w.Zonneveld)
		w.Advance(d.EndsAt.Sub(w.Now()) + 2*time.Hour)
		after := delegation.SheetMonth{From: d.EndsAt.Add(time.Hour), To: d.EndsAt.Add(100 * time.Hour)}
		if list, err := w.Delegations.Stays(w.Ctx, by, after); err != nil || len(list) != 0 {
			t.Errorf("after the end: %+v %v", list, err)
		}
		list, _, err := w.Delegations.OwnVisits(w.Ctx, by, delegation.StayPart{Since: after.From})
		no(t, err)
		for _, s := range list {
			if s.Length() != 0 {
				t.Errorf("after the end it counts %s", s.Length())
			}
		}
		list, _, err = w.Delegations.OwnVisits(w.Ctx, by, delegation.StayPart{})
		if err != nil || len(list) != 1 || !list[0].To.Equal(d.EndsAt.Time) {
			t.Errorf("in all: %+v %v", list, err)
		}
	})
}
