package tenancy_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
)

// names lists people by name.
func names(list []tenancy.Membership) (all []string) {
	for _, m := range list {
		all = append(all, m.Person.Name)
	}
	return all
}

func TestPeopleAreThoseOfTheCompanyAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		list, err := w.Companies.People(w.Ctx, w.Actor("marieke"))
		if err != nil {
			t.Fatal(err)
		}
		if got := names(list); !slices.Equal(got, []string{"Anna Visser", "Jan-Willem Hoekstra", "Marieke de Vries"}) {
			t.Errorf("the people are %v", got)
		}
		marieke := list[2]
		var at []string
		for _, g := range marieke.Grants {
			at = append(at, g.OrganizationID)
		}
		slices.Sort(at)
		want := []string{"", w.Production.Organization, w.Acceptance.Organization}
		slices.Sort(want)
		if !slices.Equal(at, want) {
			t.Errorf("Marieke holds roles at %v, want %v", at, want)
		}
		if marieke.SeenAt.IsZero() || !list[0].SeenAt.IsZero() {
			t.Errorf("Marieke was seen at %v, Anna, who never signed in, at %v", marieke.SeenAt, list[0].SeenAt)
		}
		_, err = w.Companies.Person(w.Ctx, w.Actor("marieke"), w.ID("karin"))
		w.Wants(err, models.NotFound, "error.not_found")
		_, err = w.Companies.People(w.Ctx, w.Actor("jan"))
		w.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestGiversAreNamed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		if err := w.Members.SetRoles(w.Ctx, w.Actor("jan"), w.ID("anna"), []string{tenancy.Superuser}); err != nil {
			t.Fatal(err)
		}
		one, err := w.Members.Get(w.Ctx, w.Actor("jan"), w.ID("anna"))
		if err != nil || len(one.Grants) != 1 || one.Givers[one.Grants[0].ID] != "Jan-Willem Hoekstra" {
			t.Errorf("who gave it is %v %v", one.Givers, err)
		}
	})
}

func TestLastSeenIsOfThePlaceAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		seen := func(by, of string) time.Time {
			one, err := w.Members.Get(w.Ctx, w.Actor(by), w.ID(of))
			if err != nil {
				t.Fatal(err)
			}
			return one.SeenAt
		}
		w.Token("thomas")
		if got := seen("sanne", "thomas"); !got.Equal(modelstest.Start) {
			t.Errorf("Thomas was seen at home at %v", got)
		}
		// A member of two: each learns of itself alone.
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("thomas"),
				RoleID: tenancy.Member, Source: tenancy.Manual}, "Thomas Bakker")
		})
		if got := seen("karin", "thomas"); !got.IsZero() {
			t.Errorf("Zonneveld learns that Thomas was at Kade at %v", got)
		}
		w.Advance(time.Hour)
		w.Switch("thomas", w.Zonneveld)
		w.Sessions.Seen(w.Ctx, w.Actor("thomas"))
		if got := seen("karin", "thomas"); !got.Equal(w.Now()) {
			t.Errorf("Thomas was seen at Zonneveld at %v", got)
		}
		// A visit is work for the host, which is told of it by its own record.
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		w.Sessions.Seen(w.Ctx, w.Actor("sanne"))
		w.Switch("thomas", w.Kade)
		if got := seen("thomas", "sanne"); !got.IsZero() {
			t.Errorf("Kade learns that Sanne was at work elsewhere at %v", got)
		}
	})
}

func TestVisitorsAreNotToldWhichConnector(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID("ria"),
				RoleID: tenancy.Superuser, Source: tenancy.Rule, SourceID: "cnr_1", SourceVersion: 3, Evidence: `[{"attribute":"group"}]`}, "Ria Smeets")
		})
		w.Delegate("karin", "sanne", delegation.Week)
		w.Switch("sanne", w.Zonneveld)
		for reader, told := range map[string]bool{"karin": true, "sanne": false} {
			list, err := w.Members.List(w.Ctx, w.Actor(reader))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				for _, g := range m.Grants {
					if g.Source == tenancy.Rule && (g.Evidence != "") != told || g.Source == tenancy.Rule && (g.SourceID != "") != told {
						t.Errorf("%s reads %+v", reader, g)
					}
				}
			}
		}
	})
}

func TestCensusCountsEachMemberOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error { // a second source of the same role
			return tenancy.Give(tx, tenancy.Grant{CompanyID: w.Production.Company, OrganizationID: w.Production.Organization, AccountID: w.ID("jan"),
				RoleID: tenancy.Superuser, Source: tenancy.Rule, SourceID: "cnr_1"}, "Jan-Willem Hoekstra")
		})
		list, err := w.Companies.Census(w.Ctx, w.Actor("marieke"))
		if err != nil || len(list) != 2 || list[1].Members != 3 || list[1].Superusers != 2 || list[0].Members != 1 {
			t.Errorf("the census is %+v %v", list, err)
		}
		one, err := w.Members.Census(w.Ctx, w.Actor("anna"))
		if err != nil || one.ID != w.Production.Organization || one.Members != 3 {
			t.Errorf("Anna counts %+v %v", one, err)
		}
	})
}

func TestAllCompaniesAreForOperators(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		_, err := w.Companies.All(w.Ctx, w.Actor("marieke"))
		w.Wants(err, models.Forbidden, "error.forbidden")
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("marieke")).Update("operator", true).Error
		})
		all, err := w.Companies.All(w.Ctx, w.Actor("marieke"))
		if err != nil || len(all) != 3 || all[0].Name != "De Vries Logistiek" || len(all[0].Organizations) != 2 || len(all[1].Organizations) != 1 {
			t.Errorf("the companies are %+v %v", all, err)
		}
	})
}

func TestApplicationsAreEnabledInOneOrganization(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.System(func(tx *store.Tx) error {
			return tx.Create(&tenancy.Application{ID: "app_plan", Key: "plan", Name: "Planning", CreatedAt: models.At(w.Now())}).Error
		})
		applications := tenancy.NewApplications(w.Store)
		w.Wants(applications.Enable(w.Ctx, w.Actor("jan"), "app_unknown"), models.NotFound, "error.not_found")
		w.Wants(applications.Enable(w.Ctx, w.Actor("anna"), "app_plan"), models.Forbidden, "error.forbidden")
		for range 2 { // the second changes nothing
			if err := applications.Enable(w.Ctx, w.Actor("jan"), "app_plan"); err != nil {
				t.Fatal(err)
			}
		}
		for reader, want := range map[string]int{"anna": 1, "ria": 0} {
			list, err := applications.List(w.Ctx, w.Actor(reader))
			if err != nil || len(list) != want {
				t.Errorf("%s sees %v %v", reader, list, err)
			}
		}
		w.Wants(applications.Disable(w.Ctx, w.Actor("karin"), "app_plan"), models.NotFound, "error.not_found")
		if err := applications.Disable(w.Ctx, w.Actor("jan"), "app_plan"); err != nil {
			t.Fatal(err)
		}
		if n := w.Count(w.Production, event.ApplicationEnabled) + w.Count(w.Production, event.ApplicationDisabled); n != 2 {
			t.Errorf("%d events tell of it, want 2", n)
		}
	})
}

func TestSettingsChangeOneOrganization(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		in := tenancy.Settings{Name: " Zonneveld ", Hue: 5, TimeZone: "Europe/Brussels", IdleHours: 0, ReasonRequired: true}
		w.Wants(w.Members.Configure(w.Ctx, w.Actor("ria"), in), models.Forbidden, "error.forbidden")
		if err := w.Members.Configure(w.Ctx, w.Actor("karin"), in); err != nil {
			t.Fatal(err)
		}
		got, err := w.Members.Organization(w.Ctx, w.Actor("ria"))
		in.Name = "Zonneveld"
		if err != nil || got.Settings() != in {
			t.Errorf("the settings are %+v %v", got.Settings(), err)
		}
		in.IdleHours, in.Hue, in.TimeZone = 73, 0, "Local"
		w.Wants(w.Members.Configure(w.Ctx, w.Actor("karin"), in), models.Invalid, "idle_hours")
	})
}
