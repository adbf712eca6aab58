package delegation_test

import (
	"slices"
	"sync"
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

// proven gives a company a verified domain.
func proven(w *modelstest.World, at models.Party, domain string) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error {
		now := models.At(w.Now())
		return tx.Create(&tenancy.Domain{CompanyID: at.Company, ID: models.NewID("dom"), Name: domain, Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
	})
}

// toKade gives Kade a delegation of Zonneveld for a month and three people.
func toKade(w *modelstest.World, more ...func(*delegation.FirmProposal)) delegation.Firm {
	w.T.Helper()
	proven(w, w.Kade, "kade.example")
	in := delegation.FirmProposal{Firm: "kade.example", People: 3, Period: delegation.Month, Reason: "Stock count"}
	for _, change := range more {
		change(&in)
	}
	f, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("karin"), in)
	if err != nil {
		w.T.Fatal(err)
	}
	return f
}

// named names somebody of Kade, and lets him accept.
func named(w *modelstest.World, f delegation.Firm, person string) delegation.Delegation {
	w.T.Helper()
	d, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID(person))
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.Delegations.Accept(w.Ctx, w.Actor(person), d.ID); err != nil {
		w.T.Fatal(err)
	}
	return delegationOf(w, d.ID)
}

func delegationOf(w *modelstest.World, id string) (d delegation.Delegation) {
	w.T.Helper()
	w.System(func(tx *store.Tx) error { return tx.Where("id = ?", id).Take(&d).Error })
	return d
}

func TestFirmNamesPeopleWhoWorkLikeAnyConsultant(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		if got := w.Mails(mail.FirmGivenKind); len(got) != 1 || got[0].Recipient != "sanne@kade.example" {
			t.Fatalf("managers of the firm got %+v", got)
		}
		if got := w.Mails(mail.FirmGrantedKind); len(got) != 1 || got[0].Recipient != "pim@zonneveld.example" {
			t.Fatalf("the other superuser got %+v", got)
		}
		invited, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		no(t, err)
		if s := invited.Status(w.Now()); s != delegation.Invited || len(w.Mails(mail.FirmPersonKind)) != 2 || len(w.Mails(mail.InvitationKind)) != 1 {
			t.Fatalf("he is %s, mails %v", s, w.Mails(mail.FirmPersonKind, mail.InvitationKind))
		}
		if _, err := w.Sessions.Switch(w.Ctx, w.Actor("thomas"), w.Zonneveld.Organization); err == nil {
			t.Fatal("he is in before he accepted")
		}
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("thomas"), invited.ID))
		if !w.Switch("thomas", w.Zonneveld).Via {
			t.Fatal("he is no visitor")
		}
		d := delegationOf(w, invited.ID)
		if d.FirmID != f.ID || !d.EndsAt.Equal(f.EndsAt.Time) || d.RealOrganizationName != "Kade Consultants" {
			t.Errorf("his delegation: %+v", d)
		}
		// The firm's own record tells what its manager did, and of coming and going.
		if got := w.Events(models.Party{Company: w.Kade.Company}); !slices.Equal(got, []string{event.FirmNamed}) && w.Count(models.Party{Company: w.Kade.Company}, event.FirmNamed) != 1 {
			t.Errorf("the firm sees %v", got)
		}
		if n := w.Count(w.Kade, event.AwayEntered); n != 1 {
			t.Errorf("his organization saw him go %d times", n)
		}
		no(t, w.Delegations.EndFirm(w.Ctx, w.Actor("pim"), f.ID))
		if a := w.Actor("thomas"); a.Visiting() || delegationOf(w, d.ID).RevokedAt == nil {
			t.Error("he is inside after the firm's delegation ended")
		}
		if got := w.Mails(mail.FirmOverKind); len(got) != 2 { // karin and sanne
			t.Errorf("told of the end: %+v", got)
		}
		_, err = w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		w.Wants(err, models.Conflict, "firm.error.over")
	})
}

func TestFirmIsFoundByAVerifiedDomainAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		proven(w, w.Kade, "kade.example")
		proven(w, w.Zonneveld, "zonneveld.example")
		ask := func(firm string) (delegation.FirmPlan, error) {
			return w.Delegations.PreviewFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: firm, People: 2, Period: delegation.Week})
		}
		for _, text := range []string{"kade.example", " KADE.example ", "whoever@kade.example"} {
			plan, err := ask(text)
			if err != nil || plan.Firm.CompanyName != "Kade Consultants" || plan.Firm.Domain != "kade.example" {
				t.Errorf("%q finds %+v, %v", text, plan.Firm, err)
			}
		}
		for text, key := range map[string]string{"": "error.required", "no domain": "firm.error.domain", "devries.example": "firm.error.unverified",
			"nobody.example": "firm.error.unverified", "zonneveld.example": "firm.error.oneself"} {
			_, err := ask(text)
			w.Wants(err, models.Invalid, key)
		}
		_, err := w.Delegations.PreviewFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 0, Period: delegation.Week})
		w.Wants(err, models.Invalid, "firm.error.people")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).
				Updates(map[string]any{"host_longest_days": 7, "host_ticket_required": true}).Error
		})
		for _, period := range []delegation.Period{delegation.Month, delegation.NoEnd} {
			_, err = w.Delegations.PreviewFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 2, Period: period, Ticket: "T"})
			w.Wants(err, models.Invalid, "granting.error.cap")
		}
		_, err = ask("kade.example")
		w.Wants(err, models.Invalid, "ticket")
	})
}

func TestFirmDelegationWaitsForAnotherSuperuser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("host_approval", true).Error
		})
		f := toKade(w)
		if len(w.Mails(mail.FirmGivenKind)) != 0 || len(w.Mails(mail.FirmProposedKind)) != 1 {
			t.Fatal("the firm knows of it before it was approved")
		}
		_, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		w.Wants(err, models.NotFound, "not_found")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("karin"), f.ID, f.Version), models.Conflict, "firm.error.own_proposal")
		w.Advance(24 * time.Hour)
		for _, person := range []string{"pim", "karin", "sanne", "thomas"} {
			w.NewSession(person)
		}
		no(t, w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, f.Version))
		got, err := w.Delegations.Firm(w.Ctx, w.Actor("karin"), f.ID)
		no(t, err)
		if !got.StartsAt.Equal(w.Now()) || !got.EndsAt.Equal(f.EndsAt.AddDate(0, 0, 1)) {
			t.Errorf("it is from %v to %v", got.StartsAt, got.EndsAt)
		}
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, got.Version), models.Conflict, "firm.error.approved")
		named(w, f, "thomas")
	})
	t.Run("and lapses after seven days", func(t *testing.T) {
		w := modelstest.New(t, "sqlite")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("host_approval", true).Error
		})
		f := toKade(w)
		w.Advance(7 * 24 * time.Hour)
		w.NewSession("pim")
		w.Wants(w.Delegations.ApproveFirm(w.Ctx, w.Actor("pim"), f.ID, f.Version), models.Conflict, "firm.error.over")
	})
}

func TestVetoEndsAndKeepsFromBeingNamedAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		named(w, f, "thomas")
		w.Switch("thomas", w.Zonneveld)
		_, err := w.Delegations.VetoPerson(w.Ctx, w.Actor("pim"), f.ID, w.ID("thomas"))
		no(t, err)
		if w.Actor("thomas").Visiting() {
			t.Fatal("he is inside after a veto")
		}
		_, err = w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		w.Wants(err, models.Conflict, "firm.error.vetoed")
		_, err = w.Delegations.LiftVeto(w.Ctx, w.Actor("karin"), f.ID, w.ID("thomas"))
		no(t, err)
		if _, err := w.Sessions.Switch(w.Ctx, w.Actor("thomas"), w.Zonneveld.Organization); err == nil {
			t.Fatal("lifting a veto let him in again")
		}
		named(w, f, "thomas")
		_, err = w.Delegations.VetoPerson(w.Ctx, w.Actor("pim"), f.ID, w.ID("anna"))
		w.Wants(err, models.NotFound, "not_found")
	})
}

func TestWhomAFirmCannotName(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w, func(in *delegation.FirmProposal) { in.People = 1 })
		name := func(by, person string) error {
			_, err := w.Delegations.NamePerson(w.Ctx, w.Actor(by), f.ID, w.ID(person))
			return err
		}
		w.Wants(name("sanne", "anna"), models.NotFound, "not_found")     // of another company
		w.Wants(name("marieke", "anna"), models.NotFound, "not_found")   // another company's manager
		w.Wants(name("thomas", "thomas"), models.Forbidden, "forbidden") // no manager
		w.Wants(name("karin", "ria"), models.NotFound, "not_found")      // nor the host itself
		w.Join("mila", "Mila Jonker", "mila@kade.example", w.Kade, tenancy.Member)
		for change, key := range map[string]string{"service": "delegation.error.service", "deactivated_at": "firm.error.unproven", "home_company_id": "firm.error.elsewhere"} {
			value := map[string]any{"service": true, "deactivated_at": models.At(w.Now()), "home_company_id": w.Zonneveld.Company}[change]
			var back any
			switch change {
			case "service":
				back = false
			case "home_company_id":
				back = w.Kade.Company
			}
			set := func(v any) {
				w.System(func(tx *store.Tx) error {
					if change == "home_company_id" {
						organization := map[any]string{w.Zonneveld.Company: w.Zonneveld.Organization, w.Kade.Company: w.Kade.Organization}[v]
						return tx.Table("accounts").Where("id = ?", w.ID("mila")).Updates(map[string]any{change: v, "home_organization_id": organization}).Error
					}
					return tx.Table("accounts").Where("id = ?", w.ID("mila")).Update(change, v).Error
				})
			}
			set(value)
			w.Wants(name("sanne", "mila"), models.Conflict, key)
			set(back)
		}
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization,
				AccountID: w.ID("mila"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Mila Jonker")
		})
		w.Wants(name("sanne", "mila"), models.Conflict, "firm.error.cannot") // of the host
		no(t, name("sanne", "thomas"))
		w.Wants(name("sanne", "thomas"), models.Conflict, "firm.error.already")
		w.Wants(name("sanne", "sanne"), models.Conflict, "firm.error.full")
		_, err := w.Delegations.UnnamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		no(t, err)
		no(t, name("sanne", "sanne"))
		_, err = w.Delegations.UnnamePerson(w.Ctx, w.Actor("marieke"), f.ID, w.ID("sanne"))
		w.Wants(err, models.NotFound, "not_found")
	})
}

// The number of people holds also when two managers name at the same moment.
func TestTheNumberOfPeopleHoldsAgainstTwoAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w, func(in *delegation.FirmProposal) { in.People = 1 })
		sanne := w.Actor("sanne")
		var wait sync.WaitGroup
		errs := make([]error, 2)
		for i, person := range []string{"thomas", "sanne"} {
			wait.Add(1)
			go func() {
				defer wait.Done()
				_, errs[i] = w.Delegations.NamePerson(w.Ctx, sanne, f.ID, w.ID(person))
			}()
		}
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both or none: %v", errs)
		}
	})
}

func TestExtendingTheFirmExtendsItsPeopleAndNoneOfThemBeyondIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d := named(w, f, "thomas")
		w.Wants(w.Delegations.Extend(w.Ctx, w.Actor("karin"), d.ID, d.Version, delegation.ThreeMonths, ""), models.Invalid, "firm.error.beyond")
		no(t, extended(w, w.Actor("karin"), f, delegation.ThreeMonths, ""))
		w.Wants(extended(w, w.Actor("pim"), f, delegation.ThreeMonths, ""), models.Conflict, "changed")
		after := delegationOf(w, d.ID)
		if !after.EndsAt.After(d.EndsAt.Time) || w.Count(w.Zonneveld, event.DelegationExtended) != 1 {
			t.Errorf("he ends %v", after.EndsAt)
		}
	})
}

// A firm's delegation runs out for everybody whom it named, with no sweep.
func TestTheEndOfTheFirmIsThatOfItsPeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w, func(in *delegation.FirmProposal) { in.Period = delegation.Day })
		named(w, f, "thomas")
		w.Switch("thomas", w.Zonneveld)
		w.Advance(24 * time.Hour)
		w.NewSession("thomas")
		w.NewSession("sanne")
		if _, err := w.Sessions.Switch(w.Ctx, w.Actor("thomas"), w.Zonneveld.Organization); err == nil {
			t.Error("he is in after the end")
		}
		_, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("sanne"))
		w.Wants(err, models.Conflict, "firm.error.over")
	})
}

func TestEdge15WhoLeavesTheFirmLosesWhatItNamedHimFor(t *testing.T) {
	for how, leave := range map[string]func(w *modelstest.World){
		"removed from the company": func(w *modelstest.World) {
			if err := w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")); err != nil {
				w.T.Fatal(err)
			}
		},
		"his last role goes": func(w *modelstest.World) {
			if err := w.Members.Remove(w.Ctx, w.Actor("sanne"), w.ID("thomas")); err != nil {
				w.T.Fatal(err)
			}
		},
	} {
		t.Run(how, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				f := toKade(w)
				d := named(w, f, "thomas")
				w.Switch("thomas", w.Zonneveld)
				leave(w)
				if after := delegationOf(w, d.ID); after.RevokedAt == nil {
					t.Errorf("it is %s", after.Status(w.Now()))
				}
				if w.Count(w.Zonneveld, event.VisitLeft) != 1 || len(w.Mails(mail.RevokedKind)) < 2 {
					t.Errorf("the host saw %v", w.Events(w.Zonneveld))
				}
				w.System(func(tx *store.Tx) error { // he comes back
					if err := tenancy.Give(tx, tenancy.Grant{CompanyID: w.Kade.Company, OrganizationID: w.Kade.Organization,
						AccountID: w.ID("thomas"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas Bakker"); err != nil {
						return err
					}
					return tenancy.SetHome(tx, w.ID("thomas"), w.Kade.Company, w.Kade.Organization)
				})
				w.NewSession("thomas")
				if _, err := w.Sessions.Switch(w.Ctx, w.Actor("thomas"), w.Zonneveld.Organization); err == nil {
					t.Error("coming back revived it")
				}
				named(w, f, "thomas") // the firm may name him again
			})
		})
	}
	t.Run("before he accepted", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			f := toKade(w)
			d, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
			no(t, err)
			no(t, w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")))
			w.Found("Bakker", "Bakker", "other", "Thomas Bakker", "other@bakker.example")
			w.NewSession("thomas")
			w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("thomas"), d.ID), models.Conflict, "delegation.error")
		})
	})
}

func TestEdge18AForwardedInvitationOfAFirmIsForNobodyElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		d, err := w.Delegations.NamePerson(w.Ctx, w.Actor("sanne"), f.ID, w.ID("thomas"))
		no(t, err)
		w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID), models.NotFound, "not_found")
		// The mailbox becomes somebody else's: he was not named.
		w.System(func(tx *store.Tx) error {
			return tx.Table("addresses").Where("account_id = ?", w.ID("thomas")).Update("account_id", w.ID("anna")).Error
		})
		w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("anna"), d.ID), models.NotFound, "not_found")
		offers, err := w.Delegations.Offers(w.Ctx, w.Actor("anna"))
		if err != nil || len(offers) != 0 {
			t.Errorf("it is offered to %v, %v", offers, err)
		}
	})
}

// What the firm of a consultant may know: where, who, how long, which roles.
func TestCustomersAreTheFirmsOwnAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		named(w, f, "thomas")
		w.Switch("thomas", w.Zonneveld)
		d, err := w.Delegations.Grant(w.Ctx, w.Actor("marieke"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en"})
		no(t, err)
		list, err := w.Delegations.Customers(w.Ctx, w.Actor("sanne"))
		no(t, err)
		if len(list) != 1 || list[0].Host.Name != "Zonneveld Bakkerijen" || len(list[0].Grants) != 1 || len(list[0].People) != 1 || !list[0].People[0].Present {
			t.Fatalf("customers: %+v", list) // what nobody accepted is no business of the firm
		}
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID))
		list, err = w.Delegations.Customers(w.Ctx, w.Actor("sanne"))
		no(t, err)
		if len(list) != 2 || list[0].Host.Name != "De Vries Production" || !list[0].People[0].Renewal(w.Now()) || list[1].People[0].Renewal(w.Now()) {
			t.Fatalf("customers: %+v", list)
		}
		for _, stranger := range []string{"marieke", "karin"} {
			others, err := w.Delegations.Customers(w.Ctx, w.Actor(stranger))
			if err != nil || len(others) != 0 {
				t.Errorf("%s sees %+v, %v", stranger, others, err)
			}
			_, _, err = w.Delegations.FirmGrant(w.Ctx, w.Actor(stranger), f.ID, "")
			_, _, unknown := w.Delegations.FirmGrant(w.Ctx, w.Actor(stranger), "fdl_unknown", "")
			if err == nil || unknown == nil || err.Error() != unknown.Error() {
				t.Errorf("a foreign one answers %v, an unknown one %v", err, unknown)
			}
		}
		_, err = w.Delegations.Customers(w.Ctx, w.Actor("thomas"))
		w.Wants(err, models.Forbidden, "forbidden")
		_, err = w.Delegations.Firm(w.Ctx, w.Actor("marieke"), f.ID)
		w.Wants(err, models.NotFound, "not_found")
		for _, foreign := range []error{w.Delegations.EndFirm(w.Ctx, w.Actor("marieke"), f.ID), extended(w, w.Actor("marieke"), f, delegation.Month, ""),
			w.Delegations.ApproveFirm(w.Ctx, w.Actor("marieke"), f.ID, 1)} {
			w.Wants(foreign, models.NotFound, "not_found")
		}
		// Somebody who left, and whose delegation is suspended, stays in sight.
		w.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ?", w.ID("thomas")).Delete(&tenancy.Grant{}).Error
		})
		list, err = w.Delegations.Customers(w.Ctx, w.Actor("sanne"))
		no(t, err)
		if !list[1].People[0].Left || list[0].People[0].Left {
			t.Errorf("leavers: %+v", list)
		}
	})
}

func TestCandidatesAreTheFirmsOwnPeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := toKade(w)
		named(w, f, "thomas")
		_, people, err := w.Delegations.FirmGrant(w.Ctx, w.Actor("sanne"), f.ID, "")
		no(t, err)
		if len(people) != 2 || people[0].Name != "Sanne Kuipers" || people[0].Named || !people[1].Named {
			t.Errorf("candidates: %+v", people)
		}
		_, people, err = w.Delegations.FirmGrant(w.Ctx, w.Actor("sanne"), f.ID, " THOM")
		if err != nil || len(people) != 1 {
			t.Errorf("by name: %+v %v", people, err)
		}
	})
}

// A role that is deleted is replaced in delegations to firms as well.
func TestADeletedRoleIsReplacedForFirms(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	f := toKade(w)
	w.System(func(tx *store.Tx) error {
		role := tenancy.Role{ID: "rol_baker", Level: models.OrganizationLevel, Key: "baker", Name: "Baker", Permissions: "[]", CreatedAt: models.At(w.Now())}
		if err := tx.Create(&role).Error; err != nil {
			return err
		}
		tx.Record(event.RoleDeleted, store.About{ID: tenancy.Member, Name: "Member", Data: map[string]any{"with": "rol_baker", "with_name": "Baker"}})
		return nil
	})
	got, err := w.Delegations.Firm(w.Ctx, w.Actor("karin"), f.ID)
	no(t, err)
	if !slices.Equal(got.RoleNames, []string{"Baker"}) {
		t.Errorf("it gives %v", got.RoleNames)
	}
}
