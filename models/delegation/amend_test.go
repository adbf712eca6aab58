package delegation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// apps puts Planning (viewer by default, planner) and Stock (clerk by default)
// into use at Zonneveld, and registers Fleet, which is not.
func apps(w *modelstest.World) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		now := models.At(w.Now())
		for _, name := range []string{"Planning", "Stock", "Fleet"} {
			if err := tx.Create(&tenancy.Application{ID: "app_" + strings.ToLower(name), Key: strings.ToLower(name), Name: name, CreatedAt: now}).Error; err != nil {
				return err
			}
		}
		for id, app := range map[string]string{"viewer": "app_planning", "planner": "app_planning", "clerk": "app_stock", "driver": "app_fleet"} {
			r := tenancy.Role{ID: "rol_" + id, Level: models.ApplicationLevel, ApplicationID: app, Key: id, Name: id, IsDefault: id != "planner", Permissions: "[]", CreatedAt: now}
			if err := tx.Create(&r).Error; err != nil {
				return err
			}
		}
		return nil
	})
	use(w, "app_planning")
	use(w, "app_stock")
}

// use puts an application into use at Zonneveld.
func use(w *modelstest.World, app string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		return tx.Create(&tenancy.Enabled{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, ApplicationID: app, EnabledAt: models.At(w.Now())}).Error
	})
}

// sees is what a prospect shows: "Planning: viewer, Stock: clerk".
func sees(p delegation.Prospect) string {
	var list []string
	for _, a := range p.Applications {
		var roles []string
		for _, r := range a.Roles {
			roles = append(roles, r.Name)
		}
		list = append(list, a.Name+": "+strings.Join(roles, "+"))
	}
	return strings.Join(list, ", ")
}

func TestWhichApplicationsADelegationOpens(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		for i, c := range []struct {
			name        string
			in          delegation.Proposal
			want, later string // once Fleet is in use too
		}{
			{"as a member", delegation.Proposal{}, "Planning: viewer, Stock: clerk", "Fleet: driver, Planning: viewer, Stock: clerk"},
			{"a role in one", delegation.Proposal{Chosen: true, Roles: []string{"rol_planner"}}, "Planning: planner", "Planning: planner"},
			{"one with its default", delegation.Proposal{Chosen: true, Applications: []string{"app_stock"}}, "Stock: clerk", "Stock: clerk"},
			{"one, and later ones", delegation.Proposal{Chosen: true, Applications: []string{"app_stock"}, LaterApplications: true}, "Stock: clerk", "Fleet: driver, Stock: clerk"},
			{"a role in one, and later ones", delegation.Proposal{Chosen: true, Roles: []string{"rol_planner"}, LaterApplications: true}, "Planning: planner", "Fleet: driver, Planning: planner"},
			{"all, and no later ones", delegation.Proposal{Chosen: true, Roles: []string{"rol_planner"}, Applications: []string{"app_stock"}}, "Planning: planner, Stock: clerk", "Planning: planner, Stock: clerk"},
			{"none, but later ones", delegation.Proposal{Chosen: true, LaterApplications: true}, "", "Fleet: driver"},
		} {
			c.in.Email, c.in.Period = strings.Repeat("x", i+1)+"@kade.example", delegation.Week
			plan, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), c.in)
			no(t, err)
			d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), c.in)
			no(t, err)
			if got := sees(read(w, d.ID).Prospect); got != c.want || sees(plan.Prospect) != c.want {
				t.Errorf("%s: %q, promised %q, want %q", c.name, got, sees(plan.Prospect), c.want)
			}
			use(w, "app_fleet")
			if got := sees(read(w, d.ID).Prospect); got != c.later {
				t.Errorf("%s, later: %q, want %q", c.name, got, c.later)
			}
			w.System(func(tx *store.Tx) error {
				return tx.Where("application_id = ?", "app_fleet").Delete(&tenancy.Enabled{}).Error
			})
		}
		_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "y@kade.example", Period: delegation.Week, Chosen: true, Applications: []string{"app_fleet"}})
		w.Wants(err, models.Invalid, "[role: delegation.error.role]")
	})
}

// What the preview promises is what the consultant has: the same function says both.
func TestTheProspectIsWhatTheConsultantGets(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		in := delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Chosen: true, Roles: []string{"rol_planner"}}
		plan, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), in)
		no(t, err)
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), in)
		no(t, err)
		offer, err := w.Delegations.Offer(w.Ctx, w.Actor("sanne"), d.ID)
		no(t, err)
		if got := sees(offer.Prospect); got != sees(plan.Prospect) || got != "Planning: planner" || len(offer.Reachable) != 1 {
			t.Errorf("she gets %q, promised %q", got, sees(plan.Prospect))
		}
	})
}

func TestTheCapOfTheHost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		wants(w, tenancy.Hosting{LongestDays: 7, TicketRequired: true})
		grant := func(in delegation.Proposal) error {
			in.Email, in.Ticket = "sanne@kade.example", "INV-1"
			_, err := w.Delegations.Preview(w.Ctx, w.Actor("karin"), in)
			return err
		}
		no(t, grant(delegation.Proposal{Period: delegation.Week}))
		no(t, grant(delegation.Proposal{Period: delegation.UntilDate, Date: "2026-11-22"}))
		no(t, grant(delegation.Proposal{Period: delegation.Week, Later: true, StartDate: "2027-01-04"}))
		w.Wants(grant(delegation.Proposal{Period: delegation.Month}), models.Invalid, "[period: granting.error.cap]")
		w.Wants(grant(delegation.Proposal{Period: delegation.NoEnd}), models.Invalid, "[period: granting.error.cap]")
		w.Wants(grant(delegation.Proposal{Period: delegation.UntilDate}), models.Invalid, "[date: granting.error.cap]")
		err := grant(delegation.Proposal{Period: delegation.UntilDate, Date: "2026-11-23"})
		w.Wants(err, models.Invalid, "[date: granting.error.cap]")
		if last := err.(*models.Error).Fields["date"].Args["Last"]; last != "22-11-2026" {
			t.Errorf("the last day is %v", last)
		}
		_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day})
		w.Wants(err, models.Invalid, "[ticket: granting.error.ticket_required]")
		// What stands cannot be made longer than that either.
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day, Ticket: "INV-1"})
		no(t, err)
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Month, ""), models.Invalid, "[period: granting.error.cap]")
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Proposal{Period: delegation.NoEnd, Ticket: "INV-1"})
		w.Wants(err, models.Invalid, "[period: granting.error.cap]")
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Week, ""))
	})
}

func TestPeriodsBeyondTheCapAreNotOffered(t *testing.T) {
	now := modelstest.Start
	for days, want := range map[int]string{0: "4h 1d 1w 1m 3m date none", 1: "4h 1d date", 6: "4h 1d date", 7: "4h 1d 1w date", 31: "4h 1d 1w 1m date"} {
		host := tenancy.Organization{TimeZone: "Europe/Amsterdam", Hosting: tenancy.Hosting{LongestDays: days}}
		var got []string
		for _, p := range delegation.Offered(host, now, now) {
			got = append(got, string(p))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d days: %v, want %s", days, got, want)
		}
		if usual := delegation.Usual(host, now); !slices.Contains(got, string(usual)) || days == 0 && usual != delegation.Week {
			t.Errorf("%d days: the form proposes %s", days, usual)
		}
	}
}

func TestAnAmendmentChangesWhatStandsAndTellsBothSides(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		d := w.Delegate("karin", "sanne", delegation.Week)
		in := delegation.Proposal{Period: delegation.Keep, Chosen: true, Roles: []string{"rol_planner"}, Reason: "Only the planning", Ticket: "INV-2"}
		a, err := w.Delegations.Compare(w.Ctx, w.Actor("karin"), d.ID, in)
		if err != nil || !a.Widens || a.Approval || sees(a.Before.Prospect) != "Planning: viewer, Stock: clerk" || sees(a.After.Prospect) != "Planning: planner" {
			t.Fatalf("it would be %+v, %v", a, err)
		}
		waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, in)
		if err != nil || waits {
			t.Fatalf("%t, %v", waits, err)
		}
		now := read(w, d.ID)
		if !now.EndsAt.Equal(d.EndsAt.Time) || sees(now.Prospect) != "Planning: planner" || now.Reason != "Only the planning" || now.Version != d.Version+1 {
			t.Errorf("it is %+v", now.Delegation)
		}
		if got := mails(w, mail.AmendedKind); len(got) != 2 || !slices.Contains(got, "sanne@kade.example") || !slices.Contains(got, "pim@zonneveld.example") {
			t.Errorf("told are %v", got)
		}
		w.System(func(tx *store.Tx) error {
			var e store.Event
			err := tx.Where("type = ?", event.DelegationAmended).Take(&e).Error
			for _, part := range []string{`"widened":true`, `"roles":["Member","Planning: planner"]`, `"previous_attributes":{`, `"reason":"Only the planning"`, `"ticket":"INV-2"`} {
				if !strings.Contains(e.Data, part) {
					t.Errorf("the event lacks %s: %s", part, e.Data)
				}
			}
			return err
		})
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Proposal{Period: delegation.Day})
		w.Wants(err, models.Conflict, "delegation.error.changed")
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("pim"), d.ID, now.Version, in)
		w.Wants(err, models.Conflict, "granting.error.nothing")
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("jan"), d.ID, now.Version, in)
		w.Wants(err, models.NotFound, "error.not_found")
	})
}

func TestAnEarlierEndHoldsForTheVisitUnderWay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d, _ := inside(w)
		waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Proposal{Period: delegation.FourHours})
		if err != nil || waits {
			t.Fatalf("%t, %v", waits, err)
		}
		w.Advance(4 * time.Hour)
		if w.Actor("sanne").Visiting() {
			t.Error("she is still inside")
		}
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version+1, delegation.Proposal{Period: delegation.Week})
		w.Wants(err, models.Conflict, "delegation.error.over")
	})
}

func TestWhatWidensWaitsForAnotherSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		apps(w)
		d := w.Delegate("karin", "sanne", delegation.Week)
		wants(w, tenancy.Hosting{Approval: true})
		for name, in := range map[string]delegation.Proposal{
			"fewer applications": {Period: delegation.Keep, Chosen: true, Applications: []string{"app_planning"}, LaterApplications: true},
			"an earlier end":     {Period: delegation.Day, Chosen: true, Applications: []string{"app_planning"}, LaterApplications: true},
			"a reason":           {Period: delegation.Keep, Reason: "Stock count", Chosen: true, Applications: []string{"app_planning"}, LaterApplications: true},
		} {
			if a, err := w.Delegations.Compare(w.Ctx, w.Actor("karin"), d.ID, in); err != nil || a.Approval || a.Widens {
				t.Errorf("%s has to be approved: %v", name, err)
			}
		}
		no(t, w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Month, ""))
		waiting := read(w, d.ID)
		if waiting.Waiting == nil || !waiting.EndsAt.Equal(d.EndsAt.Time) || w.Count(w.Zonneveld, event.DelegationExtended) != 0 || !w.Switch("sanne", w.Zonneveld).Via {
			t.Fatalf("it is %+v", waiting)
		}
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Proposal{Period: delegation.ThreeMonths})
		w.Wants(err, models.Conflict, "granting.error.waits")
		no(t, w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, waiting.Waiting.ID, ""))
		if now := read(w, d.ID); now.Waiting != nil || now.EndsAt.UTC().Format(time.DateOnly) != "2026-12-16" || w.Count(w.Zonneveld, event.DelegationAmended) != 1 {
			t.Errorf("it ends %s", now.EndsAt)
		}
	})
}

func TestAnApprovalIsOfWhatStood(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		wants(w, tenancy.Hosting{Approval: true})
		waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.Proposal{Period: delegation.Month})
		if err != nil || !waits {
			t.Fatalf("%t, %v", waits, err)
		}
		q := read(w, d.ID).Waiting
		_, err = w.Delegations.Amend(w.Ctx, w.Actor("pim"), d.ID, d.Version, delegation.Proposal{Period: delegation.Day})
		no(t, err)
		w.Wants(w.Delegations.Approve(w.Ctx, w.Actor("pim"), d.ID, q.ID, ""), models.Conflict, "granting.error.moved")
		no(t, w.Delegations.Reject(w.Ctx, w.Actor("pim"), d.ID, q.ID, ""))
		if now := read(w, d.ID); now.RevokedAt != nil || now.Waiting != nil || !now.Active(w.Now()) {
			t.Errorf("rejecting a change ended it: %s", now.Status(w.Now()))
		}
	})
}

// The same period chosen again some seconds later is no wider: what was given
// counts, and many small steps come to nothing.
func TestTheSamePeriodSomeSecondsLaterWidensNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := w.Delegate("karin", "sanne", delegation.Week)
		wants(w, tenancy.Hosting{Approval: true})
		version := delegationOf(w, d.ID).Version
		for i, reason := range []string{"first", "second"} {
			w.Advance(25 * time.Second)
			waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, version+int64(i), delegation.Proposal{Period: delegation.Week, Reason: reason})
			no(t, err)
			if after := delegationOf(w, d.ID); waits || !after.EndsAt.Equal(d.EndsAt.Time) || after.Reason != reason {
				t.Fatalf("the %s change waits %v, and ends %v instead of %v", reason, waits, after.EndsAt, d.EndsAt)
			}
		}
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, version+2, delegation.Proposal{Period: delegation.Week, Reason: "second"})
		w.Wants(err, models.Conflict, "granting.error.nothing")
		w.Advance(time.Minute)
		if waits, err := w.Delegations.Amend(w.Ctx, w.Actor("karin"), d.ID, version+2, delegation.Proposal{Period: delegation.Week, Reason: "second"}); err != nil || !waits {
			t.Errorf("minutes later it waits %v, %v", waits, err)
		}
	})
}
