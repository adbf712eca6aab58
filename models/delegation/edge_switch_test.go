package delegation_test

import (
	"slices"
	"strings"
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

func TestEdge07FromHostToHostAndNeitherMailNamesTheOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inside(w)
		w.Delegate("marieke", "sanne", delegation.Week)
		w.Advance(time.Minute)
		w.Switch("sanne", w.Production)
		list := visits(w)
		if len(list) != 2 || list[0].LeftAt == nil || list[0].LeaveReason != delegation.SwitchedOn || !list[0].LeftAt.Equal(list[1].EnteredAt.Time) || list[1].LeftAt != nil {
			t.Fatalf("visits: %+v", list)
		}
		left, entered := w.Mails(mail.LeftKind), w.Mails(mail.EnteredKind)
		if len(left) != 2 || len(entered) != 4 {
			t.Fatalf("%d left, %d entered", len(left), len(entered))
		}
		for _, m := range slices.Concat(left, entered) {
			other := []string{"De Vries", w.Production.Organization, w.Production.Company}
			if m.OrganizationID == w.Production.Organization {
				other = []string{"Zonneveld", w.Zonneveld.Organization, w.Zonneveld.Company}
			}
			for _, name := range other {
				if strings.Contains(m.Data, name) {
					t.Errorf("the %s mail to %s names %s: %s", m.Kind, m.Recipient, name, m.Data)
				}
			}
		}
		// Nor does the audit trail of either.
		for _, c := range []struct {
			by    string
			other models.Party
		}{{"karin", w.Production}, {"marieke", w.Zonneveld}} {
			events, err := w.Trail.Organization(w.Ctx, w.Actor(c.by), event.Filter{})
			no(t, err)
			for _, e := range events {
				if e.AccountID == w.ID("sanne") && (e.EffectiveOrganizationID == c.other.Organization || strings.Contains(e.Data+e.SubjectName, c.other.Name)) {
					t.Errorf("%s reads of %s: %+v", c.by, c.other.Name, e)
				}
			}
		}
	})
}

func TestEdge08ToAndFroIsLimitedAndNoMailIsLost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Week)
		stays := 0
		for {
			_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
			if models.KindOf(err) == models.TooMany {
				break
			}
			no(t, err)
			stays++
			_, err = w.Sessions.Leave(w.Ctx, w.Actor("sanne")) // going back is never refused
			no(t, err)
			if stays > 100 {
				t.Fatal("there is no limit")
			}
		}
		entered, left := w.Mails(mail.EnteredKind), w.Mails(mail.LeftKind)
		if stays < 10 || len(entered) != 2*stays || len(left) != 2*stays {
			t.Fatalf("%d stays, %d entered, %d left", stays, len(entered), len(left))
		}
		threads := map[string]int{}
		for _, m := range entered {
			threads[m.MessageID]++
		}
		for _, m := range left {
			if threads[m.InReplyTo] != 1 {
				t.Errorf("a left mail answers %q", m.InReplyTo)
			}
			threads[m.InReplyTo]++
		}
		if len(threads) != 2*stays {
			t.Errorf("%d threads", len(threads))
		}
		w.Advance(10 * time.Minute) // the window is over
		w.Switch("sanne", w.Zonneveld)
	})
}

func TestEdge09EachSessionHasItsOwnContextAndMails(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		inside(w)
		w.Delegate("marieke", "sanne", delegation.Week)
		phone := w.SignIn("sanne")
		if w.ActorOf(phone).Visiting() {
			t.Fatal("a new sign-in starts at home")
		}
		_, err := w.Sessions.Switch(w.Ctx, w.ActorOf(phone), w.Production.Organization)
		no(t, err)
		if w.Actor("sanne").Effective.Organization != w.Zonneveld.Organization || w.ActorOf(phone).Effective.Organization != w.Production.Organization {
			t.Fatal("one session moved the other")
		}
		tablet := w.SignIn("sanne")
		_, err = w.Sessions.Switch(w.Ctx, w.ActorOf(tablet), w.Zonneveld.Organization)
		no(t, err)
		if len(w.Mails(mail.EnteredKind)) != 6 {
			t.Fatalf("%d entered mails", len(w.Mails(mail.EnteredKind)))
		}
		_, err = w.Sessions.Leave(w.Ctx, w.ActorOf(tablet))
		no(t, err)
		if !w.Actor("sanne").Visiting() || !w.ActorOf(phone).Visiting() || len(w.Mails(mail.LeftKind)) != 2 {
			t.Fatal("leaving in one session ended another's visit")
		}
	})
}

func TestEdge09TwoTabsOfOneSessionAndTheFormOfTheOldContext(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, tab := inside(w)
		_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
		no(t, err)
		w.Wants(works(w, tab), models.Stale, "error.stale")
		w.Switch("sanne", w.Zonneveld)
		w.Wants(works(w, tab), models.Stale, "error.stale") // the same host, another visit
		if w.Count(w.Zonneveld, "test.worked") != 0 {
			t.Fatal("it was written")
		}
	})
}

func TestEdge11NobodySwitchesThroughAHost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		// Zonneveld's karin may work at De Vries; sanne may work at Zonneveld.
		w.Delegate("marieke", "karin", delegation.Week)
		inside(w)
		_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Production.Organization)
		w.Wants(err, models.NotFound, "error.not_found")
		places, err := w.Sessions.Places(w.Ctx, w.Actor("sanne"))
		no(t, err)
		for _, p := range places {
			if p.Organization == w.Production.Organization {
				t.Fatal("she is shown her host's host")
			}
		}
		if got := w.Actor("sanne"); got.Effective.Organization != w.Zonneveld.Organization || got.Real.Organization != w.Kade.Organization {
			t.Fatalf("she is at %s for %s", got.Effective.Name, got.Real.Name)
		}
		// Her own delegation elsewhere is hers wherever she is.
		w.Delegate("marieke", "sanne", delegation.Week)
		w.Switch("sanne", w.Production)
		if v := visits(w); v[len(v)-1].RealOrganizationID != w.Kade.Organization {
			t.Fatalf("she came from %s", v[len(v)-1].RealOrganizationName)
		}
	})
}

func TestEdge12DeniedWhileVisitingWhateverTheRolesSay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		everything := tenancy.Role{ID: "rol_everything", Level: models.OrganizationLevel, Key: "everything", Name: "Everything", Permissions: `["members.view"`}
		for _, p := range slices.Concat(models.OrganizationPermissions, models.CompanyPermissions, []models.Permission{models.OperatePlatform}) {
			everything.Permissions += `,"` + string(p) + `"`
		}
		everything.Permissions, everything.CreatedAt.Time = everything.Permissions+"]", w.Now()
		w.System(func(tx *store.Tx) error {
			if err := tx.Create(&everything).Error; err != nil {
				return err
			}
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("sanne")).Update("operator", true).Error
		})
		given, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{everything.ID}})
		no(t, err)
		no(t, w.Delegations.Accept(w.Ctx, w.Actor("sanne"), given.ID))
		w.Switch("sanne", w.Zonneveld)
		sanne := w.Actor("sanne")
		if !sanne.May(models.ManageApplications) {
			t.Fatalf("the role gives nothing: %v", sanne.Permissions)
		}
		denied := slices.Concat([]models.Permission{models.ManageDelegations, models.ManageSuperusers, models.ManageMembers, models.ManageOrganization, models.OperatePlatform}, models.CompanyPermissions)
		for _, p := range denied {
			err := w.Store.Write(w.Ctx, sanne, p, func(*store.Tx) error { t.Errorf("%s: it was done", p); return nil })
			w.Wants(err, models.Forbidden, "error.forbidden")
		}
		_, err = w.Delegations.Grant(w.Ctx, sanne, delegation.Proposal{Email: "friend@kade.example", Period: delegation.Week})
		w.Wants(err, models.Forbidden, "error.forbidden")
		w.Wants(w.Delegations.Extend(w.Ctx, sanne, given.ID, given.Version+1, delegation.NoEnd, ""), models.Forbidden, "error.forbidden")
		w.Wants(w.Delegations.Revoke(w.Ctx, sanne, given.ID), models.Forbidden, "error.forbidden")
		w.Wants(w.Members.SetRoles(w.Ctx, sanne, w.ID("ria"), []string{tenancy.Superuser}), models.Forbidden, "error.forbidden")
		_, err = w.Members.Invite(w.Ctx, sanne, "friend@kade.example", []string{tenancy.Member}, "en")
		w.Wants(err, models.Forbidden, "error.forbidden")
		if sanne.Operator {
			t.Fatal("the platform's area is open during a visit")
		}
	})
}

func TestEdge12SuperuserCannotBeGivenThroughADelegation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		for _, role := range []string{tenancy.Superuser, tenancy.Manager, tenancy.Employee, "rol_unknown"} {
			_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{role}})
			w.Wants(err, models.Invalid, "[role: delegation.error.role]")
		}
	})
}

func TestEdge13AMemberNeedsNoDelegation(t *testing.T) {
	t.Run("none is given to a member", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			_, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "Ria@Zonneveld.example", Period: delegation.Week})
			w.Wants(err, models.Invalid, "[email: delegation.error.member]")
			_, err = w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "karin@zonneveld.example", Period: delegation.Week})
			w.Wants(err, models.Invalid, "[email: delegation.error.oneself]")
		})
	})
	t.Run("membership wins and the delegation does not revive", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d, _ := inside(w)
			inv, err := w.Members.Invite(w.Ctx, w.Actor("karin"), "sanne@kade.example", []string{tenancy.Member}, "en")
			no(t, err)
			_, err = w.Members.Accept(w.Ctx, w.Actor("sanne"), inv.ID)
			no(t, err)
			details, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
			no(t, err)
			if details.Status(w.Now()) != delegation.Suspended || details.SuspendReason != delegation.Redundant {
				t.Fatalf("it is %s: %s", details.Status(w.Now()), details.SuspendReason)
			}
			if v := visits(w)[0]; v.LeftAt == nil || v.LeaveReason != delegation.BySuspension {
				t.Fatalf("the visit goes on: %+v", v)
			}
			mails := len(w.Mails(mail.EnteredKind, mail.LeftKind))
			w.Switch("sanne", w.Zonneveld)
			if got := w.Actor("sanne"); got.Visiting() || got.Effective.Organization != w.Zonneveld.Organization {
				t.Fatalf("as a member she is at %s, visiting %t", got.Effective.Name, got.Visiting())
			}
			places, err := w.Sessions.Places(w.Ctx, w.Actor("sanne"))
			no(t, err)
			for _, p := range places {
				if p.Via {
					t.Errorf("%s is still shown as a delegation", p.Name)
				}
			}
			if n := len(w.Mails(mail.EnteredKind, mail.LeftKind)); n != mails {
				t.Fatalf("%d mails of a member's comings and goings", n-mails)
			}
			no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("sanne")))
			if got := w.Actor("sanne"); got.Effective.Organization != w.Kade.Organization {
				t.Fatalf("after the membership she is at %s", got.Effective.Name)
			}
			_, err = w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
			w.Wants(err, models.Forbidden, "acting.error.not_active")
			// Only the host revives it.
			no(t, w.Delegations.Confirm(w.Ctx, w.Actor("karin"), d.ID, details.Version))
			w.Switch("sanne", w.Zonneveld)
			if !w.Actor("sanne").Visiting() {
				t.Fatal("confirmed, and still closed")
			}
		})
	})
	t.Run("a member cannot accept one", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week})
			no(t, err)
			inv, err := w.Members.Invite(w.Ctx, w.Actor("karin"), "sanne@kade.example", []string{tenancy.Member}, "en")
			no(t, err)
			_, err = w.Members.Accept(w.Ctx, w.Actor("sanne"), inv.ID)
			no(t, err)
			w.Wants(w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID), models.Conflict, "delegation.error.member_already")
		})
	})
	t.Run("one that is over is left alone", func(t *testing.T) {
		modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
			d := w.Delegate("karin", "sanne", delegation.FourHours)
			w.Advance(5 * time.Hour)
			w.System(func(tx *store.Tx) error {
				return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("sanne"), RoleID: tenancy.Member, Source: tenancy.Manual}, "Sanne")
			})
			details, err := w.Delegations.Get(w.Ctx, w.Actor("karin"), d.ID)
			no(t, err)
			if details.SuspendedAt != nil || len(w.Mails(mail.SuspendedKind)) != 0 {
				t.Fatal("what had expired was suspended")
			}
		})
	})
}

func TestEdge14TheDelegationSurvivesWhoGrantedIt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("pim", "sanne", delegation.Week)
		no(t, w.Members.Remove(w.Ctx, w.Actor("karin"), w.ID("pim")))
		w.Switch("sanne", w.Zonneveld)
		if !w.Actor("sanne").Visiting() || len(w.Mails(mail.EnteredKind)) != 1 {
			t.Fatal("it went with the superuser who granted it")
		}
	})
}

func TestEdge24TheHostIsSuspended(t *testing.T) {
	suspend := func(w *modelstest.World, table, id string) {
		w.System(func(tx *store.Tx) error {
			return tx.Table(table).Where("id = ?", id).Updates(map[string]any{"suspended_at": models.At(tx.Now())}).Error
		})
	}
	for name, close := range map[string]func(w *modelstest.World){
		"the organization": func(w *modelstest.World) { suspend(w, "organizations", w.Zonneveld.Organization) },
		"its company":      func(w *modelstest.World) { suspend(w, "companies", w.Zonneveld.Company) },
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
				_, sanne := inside(w)
				close(w)
				w.Wants(works(w, sanne), models.Forbidden, "error.delegation_ended")
				got := w.Actor("sanne")
				if got.Visiting() || got.Ended == nil || got.Ended.Reason != string(delegation.Closed) {
					t.Fatalf("she is told %+v", got.Ended)
				}
				no(t, w.Delegations.EndIdle(w.Ctx))
				if v := visits(w)[0]; v.LeftAt == nil || v.LeaveReason != delegation.Closed {
					t.Fatalf("the visit: %v, %s", v.LeftAt, v.LeaveReason)
				}
				if len(w.Mails(mail.LeftKind)) != 2 || w.Count(w.Zonneveld, event.VisitLeft) != 1 {
					t.Fatal("no mail, or no record")
				}
				no(t, w.Sessions.Settle(w.Ctx, w.Actor("sanne")))
				_, err := w.Sessions.Switch(w.Ctx, w.Actor("sanne"), w.Zonneveld.Organization)
				if err == nil {
					t.Fatal("she is let in again")
				}
				if karin := w.Actor("karin"); karin.Effective.Organization == w.Zonneveld.Organization {
					t.Fatal("its own people still work there")
				}
			})
		})
	}
}

func TestEdge21ADeepLinkNeverSwitchesByReading(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, sanne := inside(w)
		w.Delegate("marieke", "sanne", delegation.Week)
		// What a page may do: look. Reading a place of elsewhere changes no context.
		_, err := w.Sessions.Places(w.Ctx, sanne)
		no(t, err)
		if now := w.Actor("sanne"); now.Epoch != sanne.Epoch || now.Visit != sanne.Visit {
			t.Fatal("looking moved her")
		}
		arrival := w.Switch("sanne", w.Production)
		if now := w.Actor("sanne"); now.Epoch <= sanne.Epoch || !arrival.Via || now.Effective.Organization != w.Production.Organization {
			t.Fatalf("the switch led to %+v", arrival)
		}
		w.Switch("sanne", w.Production) // there already: nothing happens
		if n := len(visits(w)); n != 2 {
			t.Fatalf("%d visits", n)
		}
	})
}

func TestEdge11TheRealPartyIsHisHomeWhereverHeComesFrom(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "marieke", delegation.Week)
		w.Switch("marieke", w.Acceptance) // there she is a member
		w.Switch("marieke", w.Zonneveld)
		if v := visits(w)[0]; v.RealOrganizationID != w.Production.Organization {
			t.Fatalf("she came from %s", v.RealOrganizationName)
		}
		if got := w.Actor("marieke"); got.Real.Organization != w.Production.Organization || w.Count(w.Acceptance, event.AwayEntered) != 0 || w.Count(w.Production, event.AwayEntered) != 1 {
			t.Fatalf("she belongs to %s", got.Real.Name)
		}
	})
}
