package tenancy_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// operates makes olga an operator.
func operates(w *modelstest.World) models.Actor {
	w.T.Helper()
	w.Person("olga", "Olga Brandt", "olga@hub.example")
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", w.ID("olga")).Update("operator", true).Error
	})
	return w.Actor("olga")
}

// seats gives Zonneveld, where karin, pim and ria belong, a number of seats.
func seats(w *modelstest.World, number int) {
	w.T.Helper()
	must(w, w.Companies.SetSeats(w.Ctx, w.Actor("olga"), w.Zonneveld.Company, number))
}

func must(w *modelstest.World, err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// held is Zonneveld's seating, as "taken of number, waiting".
func held(w *modelstest.World) string {
	w.T.Helper()
	s, err := w.Companies.Seating(w.Ctx, w.Actor("karin"))
	must(w, err)
	return fmt.Sprintf("%d of %d, %d waiting", s.Taken, s.Number, len(s.Waiting))
}

func wants(w *modelstest.World, want string) {
	w.T.Helper()
	if got := held(w); got != want {
		w.T.Fatalf("the seats are %q, not %q", got, want)
	}
}

// leaves takes every role of somebody in Zonneveld.
func leaves(w *modelstest.World, key string) {
	w.T.Helper()
	must(w, w.Companies.Offboard(w.Ctx, w.Actor("karin"), w.ID(key)))
}

func works(w *modelstest.World, key string) bool {
	w.T.Helper()
	a := w.Actor(key)
	return a.May(models.ViewOrganization) && a.Effective.Company == w.Zonneveld.Company
}

// The edge case of the specification: seats full (inactive "waiting for a seat").
func TestSeatsFullInactiveWaitingForASeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		wants(w, "3 of 3, 0 waiting")
		w.Join("bram", "Bram Willems", "bram@zonneveld.example", w.Zonneveld, tenancy.Member)
		wants(w, "3 of 3, 1 waiting")
		bram := w.Actor("bram")
		if !bram.Real.None() || len(bram.Permissions) != 0 || bram.Account == "" {
			t.Fatalf("he works: %+v", bram)
		}
		if _, err := w.Sessions.Switch(w.Ctx, bram, w.Zonneveld.Organization); models.KindOf(err) != models.NotFound {
			t.Fatalf("he goes in: %v", err)
		}
		if places, err := w.Sessions.Places(w.Ctx, bram); err != nil || len(places) != 0 {
			t.Fatalf("he may go to %+v: %v", places, err)
		}
		awaits, err := w.Companies.Awaits(w.Ctx, bram)
		if err != nil || len(awaits) != 1 || awaits[0].Company != "Zonneveld Bakkerijen" || awaits[0].Managers[0].Email != "karin@zonneveld.example" {
			t.Fatalf("he is told %+v: %v", awaits, err)
		}
		people, err := w.Companies.People(w.Ctx, w.Actor("karin"))
		must(w, err)
		waiting := map[string]bool{}
		for _, p := range people {
			waiting[p.Person.Name] = !p.Waiting.IsZero()
		}
		if !waiting["Bram Willems"] || waiting["Ria Smeets"] || len(people) != 4 {
			t.Fatalf("the list says %v", waiting)
		}
		if n := w.Count(models.Party{Company: w.Zonneveld.Company}, event.SeatAwaited); n != 1 {
			t.Fatalf("%d events", n)
		}
	})
}

func TestAFreedSeatGoesToWhoWaitsLongest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		for _, key := range []string{"bram", "dirk", "els"} {
			w.Join(key, key, key+"@zonneveld.example", w.Zonneveld, tenancy.Member)
			w.Advance(time.Minute)
		}
		token := w.Token("bram")
		if _, err := w.Sessions.Actor(w.Ctx, token); err != nil { // is cached
			t.Fatal(err)
		}
		leaves(w, "ria")
		wants(w, "3 of 3, 2 waiting")
		if a, err := w.Sessions.Actor(w.Ctx, token); err != nil || !a.May(models.ViewOrganization) || works(w, "dirk") || works(w, "els") {
			t.Fatalf("not bram is in: %+v: %v", a, err)
		}
		leaves(w, "dirk") // who waits frees nothing
		wants(w, "3 of 3, 1 waiting")
		if works(w, "els") {
			t.Fatal("els is in")
		}
		m := w.Mails(mail.SeatKind)
		if len(m) != 1 || m[0].Recipient != "bram@zonneveld.example" || w.Count(models.Party{Company: w.Zonneveld.Company}, event.SeatTaken) != 1 {
			t.Fatalf("mails %+v", m)
		}
	})
}

func TestAHigherNumberOfSeatsLetsPeopleIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		for _, key := range []string{"bram", "dirk", "els"} {
			w.Join(key, key, key+"@zonneveld.example", w.Zonneveld, tenancy.Member)
			w.Advance(time.Minute)
		}
		seats(w, 5)
		wants(w, "5 of 5, 1 waiting")
		if !works(w, "bram") || !works(w, "dirk") || works(w, "els") {
			t.Fatal("not the first two are in")
		}
		seats(w, 0) // no limit
		wants(w, "0 of 0, 0 waiting")
		if !works(w, "els") {
			t.Fatal("els still waits")
		}
		w.Join("fien", "Fien", "fien@zonneveld.example", w.Zonneveld, tenancy.Member)
		if !works(w, "fien") {
			t.Fatal("there is a limit still")
		}
	})
}

func TestFewerSeatsThanPeopleTakeNobodysSeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 1)
		wants(w, "3 of 1, 0 waiting")
		w.Join("bram", "Bram", "bram@zonneveld.example", w.Zonneveld, tenancy.Member)
		must(w, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("ria"), []string{tenancy.Superuser})) // another role is no other seat
		leaves(w, "pim")
		wants(w, "2 of 1, 1 waiting")
		if !works(w, "ria") || works(w, "bram") {
			t.Fatal("the wrong people are in")
		}
		err := w.Companies.SetSeats(w.Ctx, w.Actor("olga"), w.Zonneveld.Company, -1)
		w.Wants(err, models.Invalid, "[seats: company.error.seats]")
		w.Wants(w.Companies.SetSeats(w.Ctx, w.Actor("karin"), w.Zonneveld.Company, 9), models.Forbidden, "error.forbidden")
		w.Wants(w.Companies.SetSeats(w.Ctx, w.Actor("olga"), "com_none", 9), models.NotFound, "error.not_found")
	})
}

func TestManagersNeverWaitForASeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		manages := func(key string) {
			w.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, AccountID: w.ID(key), RoleID: tenancy.Manager, Source: tenancy.Manual}, key)
			})
		}
		w.Person("bram", "Bram", "bram@zonneveld.example")
		manages("bram")
		w.Join("dirk", "Dirk", "dirk@zonneveld.example", w.Zonneveld, tenancy.Member)
		wants(w, "4 of 3, 1 waiting")
		manages("dirk") // who waited
		wants(w, "5 of 3, 0 waiting")
		if !w.Actor("bram").May(models.ManageCompany) || !w.Actor("dirk").May(models.ManageCompany) {
			t.Fatal("a manager is locked out")
		}
	})
}

func TestConsultantsByDelegationTakeNoSeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		if !w.Actor("sanne").Visiting() {
			t.Fatal("she is not in")
		}
		wants(w, "3 of 3, 0 waiting")
	})
}

func TestWhoWaitsForASeatIsNotTheLastSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		w.Join("bram", "Bram", "bram@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		must(w, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("ria"))) // bram takes her seat
		w.Join("dirk", "Dirk", "dirk@zonneveld.example", w.Zonneveld, tenancy.Superuser)
		for _, key := range []string{"pim", "bram"} {
			must(w, w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID(key), []string{tenancy.Member}))
		}
		err := w.Members.SetRoles(w.Ctx, w.Actor("karin"), w.ID("karin"), []string{tenancy.Member})
		w.Wants(err, models.Conflict, "organization.error.last_superuser")
	})
}

func TestASeatIsWaitedForInOneCompanyAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("thomas"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas")
		})
		wants(w, "3 of 3, 1 waiting")
		if a := w.Actor("thomas"); a.Effective.Organization != w.Kade.Organization || !a.May(models.ViewOrganization) {
			t.Fatalf("he works at %+v", a.Effective)
		}
	})
}

func TestAGrantThatRunsOutFreesItsSeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 4)
		w.Person("bram", "Bram", "bram@zonneveld.example")
		w.System(func(tx *store.Tx) error {
			ends := models.At(w.Now().Add(time.Hour))
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("bram"), RoleID: tenancy.Member, Source: tenancy.Manual, EndsAt: &ends}, "Bram")
		})
		w.Advance(time.Minute)
		w.Join("dirk", "Dirk", "dirk@zonneveld.example", w.Zonneveld, tenancy.Member)
		wants(w, "4 of 4, 1 waiting")
		w.Advance(time.Hour)
		must(w, w.Companies.EndGrants(w.Ctx))
		wants(w, "4 of 4, 0 waiting")
		if !works(w, "dirk") {
			t.Fatal("dirk still waits")
		}
	})
}

func TestAnInvitationAcceptedWhenSeatsAreFullWaits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		seats(w, 3)
		inv, err := w.Members.Invite(w.Ctx, w.Actor("karin"), "bram@zonneveld.example", []string{tenancy.Member}, "en")
		must(w, err)
		w.Person("bram", "Bram", "bram@zonneveld.example")
		_, err = w.Members.Accept(w.Ctx, w.Actor("bram"), inv.ID)
		must(w, err)
		wants(w, "3 of 3, 1 waiting")
		if works(w, "bram") {
			t.Fatal("he works")
		}
	})
}

func TestTwoPeopleDoNotTakeOneSeat(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		operates(w)
		const many = 4
		for round := range 4 {
			there := 3 + round*many
			seats(w, 0)
			seats(w, there+1)
			var all, given sync.WaitGroup
			given.Add(many)
			for i := range many {
				key := fmt.Sprintf("p%d-%d", round, i)
				person := w.Person(key, key, key+"@zonneveld.example")
				all.Go(func() {
					err := w.Store.System(w.Ctx, "a test", func(tx *store.Tx) error {
						err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: person.ID, RoleID: tenancy.Member, Source: tenancy.Manual}, key)
						given.Done()
						if w.Database == "postgres" { // which has several writers: they end together
							given.Wait()
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			wants(w, fmt.Sprintf("%d of %d, %d waiting", there+1, there+1, many-1))
		}
	})
}
