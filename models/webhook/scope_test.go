package webhook_test

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
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/webhook"
)

func TestAnEndpointGetsItsOwnTenantsEventsAlone(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		company, production, other := o.make("marieke", ""), o.make("marieke", o.Production.Organization), o.make("karin", "")
		o.bodies(company)
		o.bodies(production)
		o.bodies(other)
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Acceptance, event.ConnectorDeleted)
		o.happen(models.Party{Company: o.Production.Company}, event.DomainAdded)
		o.happen(o.Zonneveld, event.VisitEntered)
		for name, c := range map[string]struct {
			of   webhook.Endpoint
			want []string
		}{
			"the company":    {company, []string{event.ConnectorCreated, event.ConnectorDeleted, event.DomainAdded}},
			"Production":     {production, []string{event.ConnectorCreated}},
			"another tenant": {other, []string{event.VisitEntered}},
		} {
			if got := o.bodies(c.of); !slices.Equal(got, c.want) {
				t.Errorf("%s gets %v, want %v", name, got, c.want)
			}
		}
		// And its rows are nobody else's.
		for _, by := range []string{"karin", "jan"} {
			if _, err := o.hooks.Get(o.Ctx, o.Actor(by), webhook.OfCompany, company.ID, "", ""); err == nil {
				t.Errorf("%s reads it", by)
			}
		}
		_, err := o.hooks.Get(o.Ctx, o.Actor("karin"), webhook.OfCompany, company.ID, "", "")
		o.Wants(err, models.NotFound, "error.not_found")
		_, _, err = o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, webhook.Draft{URL: "https://x.example", OrganizationID: o.Zonneveld.Organization})
		if wrong := fields(err); wrong["organization"].Key != "error.choice" {
			t.Errorf("an organization of another company: %v", err)
		}
		_, err = o.hooks.List(o.Ctx, o.Actor("marieke"), webhook.OfPlatform)
		o.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func fields(err error) models.FieldErrors {
	if e, ok := err.(*models.Error); ok {
		return e.Fields
	}
	return nil
}

func TestAnEndpointGetsTheTypesItChose(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		e := o.make("marieke", "", "visit", event.ConnectorCreated)
		o.happen(o.Production, event.ConnectorCreated, event.ConnectorChanged, event.VisitEntered, event.VisitLeft, event.FamilyChanged)
		if got := o.bodies(e); !slices.Equal(got, []string{event.ConnectorCreated, event.VisitEntered, event.VisitLeft}) {
			t.Errorf("it gets %v", got)
		}
	})
}

func TestAnOperatorsEndpointGetsEveryCompanysEvents(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", o.ID("thomas")).Update("operator", true).Error
		})
		e, _, err := o.hooks.Make(o.Ctx, o.Actor("thomas"), webhook.OfPlatform, webhook.Draft{URL: "https://hub.example/", Types: []string{"connector"}})
		if err != nil {
			t.Fatal(err)
		}
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Zonneveld, event.ConnectorDeleted)
		// A company that came later is followed from its first event.
		later := o.Found("Later", "Later", "lea", "Lea", "lea@later.example")
		o.happen(later, event.ConnectorChanged)
		got := o.bodies(e)
		slices.Sort(got)
		if !slices.Equal(got, []string{event.ConnectorChanged, event.ConnectorCreated, event.ConnectorDeleted}) {
			t.Errorf("it gets %v", got)
		}
	})
}

// operator makes somebody an operator.
func (o office) operator(key string) {
	o.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", o.ID(key)).Update("operator", true).Error
	})
}

// own makes an endpoint of the organization in which a person works.
func (o office) own(by string, types ...string) webhook.Endpoint {
	o.T.Helper()
	e, _, err := o.hooks.Make(o.Ctx, o.Actor(by), webhook.OfOrganization, webhook.Draft{URL: "https://own.example/" + by, Types: types})
	if err != nil {
		o.T.Fatal(err)
	}
	return e
}

// An organization's superusers have endpoints of their own, through the wall around
// the organization: everything that can be done with one is done here.
func TestAnOrganizationsSuperuserHasWebhooksOfHisOwn(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		const own = webhook.OfOrganization
		jan := func() models.Actor { return o.Actor("jan") }
		e := o.own("jan", "connector")
		company, other := o.make("marieke", "", "connector"), o.make("marieke", o.Acceptance.Organization, "connector")
		o.happen(o.Production, event.ConnectorCreated)
		o.happen(o.Acceptance, event.ConnectorChanged)
		o.happen(models.Party{Company: o.Production.Company}, event.ConnectorDeleted)
		if got := o.bodies(e); !slices.Equal(got, []string{event.ConnectorCreated}) {
			t.Errorf("it gets %v", got)
		}
		if list, err := o.hooks.List(o.Ctx, jan(), own); err != nil || len(list) != 1 || list[0].ID != e.ID || list[0].Organization != "De Vries Production" {
			t.Errorf("he sees %+v %v", list, err)
		}
		if list, err := o.hooks.List(o.Ctx, o.Actor("marieke"), webhook.OfCompany); err != nil || len(list) != 3 {
			t.Errorf("the company sees %d of 3, %v", len(list), err)
		}
		for _, id := range []string{company.ID, other.ID, "whe_nobodys"} {
			_, err := o.hooks.Get(o.Ctx, jan(), own, id, "", "")
			o.Wants(err, models.NotFound, "error.not_found")
			_, _, err = o.hooks.Rotate(o.Ctx, jan(), own, id)
			o.Wants(err, models.NotFound, "error.not_found")
		}
		if _, _, err := o.hooks.Rotate(o.Ctx, jan(), own, e.ID); err != nil {
			t.Fatal(err)
		}
		d, err := o.hooks.Get(o.Ctx, jan(), own, e.ID, "", "")
		if err != nil || len(d.Secrets) != 2 || len(d.Deliveries) != 1 {
			t.Fatalf("%+v %v", d, err)
		}
		if tried, err := o.hooks.Delivery(o.Ctx, jan(), own, e.ID, d.Deliveries[0].ID); err != nil || len(tried.All) != 1 {
			t.Errorf("%+v %v", tried, err)
		}
		_, err = o.hooks.Test(o.Ctx, jan(), own, e.ID)
		o.must(err)
		o.must(o.hooks.Replay(o.Ctx, jan(), own, e.ID, d.Deliveries[0].ID))
		if n, err := o.hooks.ReplayRange(o.Ctx, jan(), own, e.ID, webhook.Range{From: o.Now().AddDate(0, 0, -1), Until: o.Now().AddDate(0, 0, 1)}); n != 1 || err != nil {
			t.Errorf("%d events of the range, %v", n, err)
		}
		_, err = o.hooks.ReplayFailed(o.Ctx, jan(), own, e.ID)
		o.must(err)
		if got := o.bodies(e); len(got) != 3 {
			t.Errorf("a test and two replays give %v", got)
		}
		_, err = o.hooks.Retire(o.Ctx, jan(), own, e.ID)
		o.must(err)
		_, err = o.hooks.Change(o.Ctx, jan(), own, e.ID, webhook.Draft{URL: "https://own.example/later"})
		o.must(err)
		_, err = o.hooks.SwitchOff(o.Ctx, jan(), own, e.ID)
		o.must(err)
		_, err = o.hooks.SwitchOn(o.Ctx, jan(), own, e.ID, false)
		o.must(err)
		_, err = o.hooks.Remove(o.Ctx, jan(), own, e.ID)
		o.must(err)
		o.System(func(tx *store.Tx) error {
			for _, table := range []any{&webhook.Endpoint{}, &webhook.Secret{}, &webhook.Delivery{}, &webhook.Attempt{}} {
				var left int64
				if err := tx.Model(table).Where("organization_id = ?", e.OrganizationID).Count(&left).Error; err != nil || left != 0 {
					t.Errorf("%d rows of %T are left, %v", left, table, err)
				}
			}
			return nil
		})
	})
}

func (o office) must(err error) {
	o.T.Helper()
	if err != nil {
		o.T.Fatal(err)
	}
}

// A webhook goes on telling of the host when the visit is over, so no visitor makes
// one, whatever his roles say; nor do members, or superusers of another place.
func TestNoVisitorReachesTheWebhooksOfHisHost(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.own("karin")
		role := tenancy.Role{ID: "rol_all", Level: models.OrganizationLevel, Key: "all", Name: "All", Permissions: `["organization_webhooks.manage"]`, CreatedAt: models.At(o.Now())}
		o.System(func(tx *store.Tx) error { return tx.Create(&role).Error })
		d, err := o.Delegations.Grant(o.Ctx, o.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Roles: []string{role.ID},
			Chosen: true, Language: "en", Reason: "Stock count"})
		o.must(err)
		o.must(o.Delegations.Accept(o.Ctx, o.Actor("sanne"), d.ID))
		o.Switch("sanne", o.Zonneveld)
		for _, by := range []string{"sanne", "ria"} {
			_, err := o.hooks.List(o.Ctx, o.Actor(by), webhook.OfOrganization)
			o.Wants(err, models.Forbidden, "error.forbidden")
			_, _, err = o.hooks.Make(o.Ctx, o.Actor(by), webhook.OfOrganization, webhook.Draft{URL: "https://elsewhere.example/"})
			o.Wants(err, models.Forbidden, "error.forbidden")
		}
		// A member who holds the role may: it is denied to visitors alone.
		o.System(func(tx *store.Tx) error {
			return tenancy.Give(tx, tenancy.Grant{CompanyID: o.Zonneveld.Company, OrganizationID: o.Zonneveld.Organization, AccountID: o.ID("ria"), RoleID: role.ID, Source: tenancy.Manual}, "Ria")
		})
		if list, err := o.hooks.List(o.Ctx, o.Actor("ria"), webhook.OfOrganization); err != nil || len(list) != 1 {
			t.Errorf("a member with the role: %d %v", len(list), err)
		}
	})
}

// Who is told that an endpoint was switched off: who can put it right.
func TestAnEndpointThatIsSwitchedOffIsToldToThoseWhoLookAfterIt(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.operator("thomas")
		platform, _, err := o.hooks.Make(o.Ctx, o.Actor("thomas"), webhook.OfPlatform, webhook.Draft{URL: "https://hub.example/", Types: []string{"connector"}})
		o.must(err)
		for name, c := range map[string]struct {
			of   webhook.Endpoint
			want []string
		}{
			"the platform's":      {platform, []string{"thomas@kade.example"}},
			"the company's":       {o.make("marieke", "", "connector"), []string{"marieke@devries.example"}},
			"the organization's":  {o.own("jan", "connector"), []string{"jan@devries.example", "marieke@devries.example"}},
			"one company for one": {o.make("karin", o.Zonneveld.Organization, "connector"), []string{"karin@zonneveld.example", "pim@zonneveld.example"}},
		} {
			before := len(o.Mails(mail.WebhookOffKind))
			_, err := o.hooks.Test(o.Ctx, o.Actor(map[string]string{o.Production.Company: "marieke", o.Zonneveld.Company: "karin", store.Platform: "thomas"}[c.of.CompanyID]),
				map[bool]webhook.Scope{true: webhook.OfPlatform, false: webhook.OfCompany}[c.of.CompanyID == store.Platform], c.of.ID)
			o.must(err)
			o.settle(o.take(c.of), webhook.Outcome{Status: 410})
			var told []string
			for _, m := range o.Mails(mail.WebhookOffKind)[before:] {
				told = append(told, m.Recipient)
			}
			slices.Sort(told)
			if !slices.Equal(told, c.want) {
				t.Errorf("%s: %v are told, want %v", name, told, c.want)
			}
		}
	})
}

// An endpoint that belongs to an application is sent people of a directory with
// their roles in it.
func TestAnEndpointOfAnApplicationGetsThePeopleWithTheirRolesInIt(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.System(func(tx *store.Tx) error {
			return tx.Create(&tenancy.Application{ID: "app_plan", Key: "plan", Name: "Planning", CreatedAt: models.At(o.Now())}).Error
		})
		choices, err := o.hooks.Choices(o.Ctx, o.Actor("marieke"), webhook.OfCompany)
		if err != nil || len(choices.Applications) != 1 || len(choices.Organizations) != 2 {
			t.Errorf("%+v %v", choices, err)
		}
		draft := webhook.Draft{URL: "https://plan.example/", ApplicationID: "app_other", Types: []string{"organization.directory"}}
		_, _, err = o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, draft)
		if fields(err)["application"].Key != "error.choice" {
			t.Errorf("an application that nobody registered: %v", err)
		}
		draft.ApplicationID = "app_plan"
		if _, _, err = o.hooks.Make(o.Ctx, o.Actor("jan"), webhook.OfOrganization, draft); fields(err)["application"].Key != "error.choice" {
			t.Errorf("an organization gets no directory's events: %v", err)
		}
		e, _, err := o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, draft)
		o.must(err)
		o.must(o.Store.System(o.Ctx, "a test", func(tx *store.Tx) error {
			tx.Record(event.DirectoryUserUpdated, store.About{ID: "diruser_1", Company: o.Production.Company, Data: map[string]any{
				event.Object:             event.DirectoryUser{ID: "diruser_1", Roles: []event.DirectoryRole{{Name: "Employee"}}},
				event.RolesByApplication: event.ApplicationRoles{"app_plan": {{Name: "Editor"}}}}})
			return nil
		}))
		o.follow()
		p := o.take(e)
		if p == nil || !strings.Contains(p.Body, `"roles":[{"role_name":"Editor"}]`) || strings.Contains(p.Body, "Employee") {
			t.Errorf("it gets %+v", p)
		}
	})
}

// The visits of an organization are no business of an application that it does not
// use, whoever made the endpoint.
func TestAnEndpointOfAnApplicationHearsOnlyOfOrganizationsThatUseIt(t *testing.T) {
	each(t, func(t *testing.T, o office) {
		o.operator("thomas")
		o.System(func(tx *store.Tx) error {
			if err := tx.Create(&tenancy.Application{ID: "app_plan", Key: "plan", Name: "Planning", CreatedAt: models.At(o.Now())}).Error; err != nil {
				return err
			}
			return tx.Create(&tenancy.Enabled{CompanyID: o.Production.Company, OrganizationID: o.Production.Organization, ApplicationID: "app_plan", EnabledAt: models.At(o.Now())}).Error
		})
		draft := webhook.Draft{URL: "https://plan.example/", ApplicationID: "app_plan", Types: []string{"visit", "domain"}}
		everywhere, _, err := o.hooks.Make(o.Ctx, o.Actor("thomas"), webhook.OfPlatform, draft)
		o.must(err)
		company, _, err := o.hooks.Make(o.Ctx, o.Actor("marieke"), webhook.OfCompany, draft)
		o.must(err)
		o.bodies(everywhere)
		o.bodies(company)
		o.Advance(time.Minute)
		begun := o.Now()
		o.happen(o.Production, event.VisitEntered, event.VisitLeft)
		o.happen(o.Acceptance, event.VisitEntered) // of the same company
		o.happen(o.Zonneveld, event.VisitEntered)
		o.happen(models.Party{Company: o.Production.Company}, event.DomainAdded)
		o.happen(models.Party{Company: o.Zonneveld.Company}, event.DomainAdded)
		want := []string{event.VisitEntered, event.VisitLeft, event.DomainAdded}
		if got := o.bodies(everywhere); !slices.Equal(got, want) {
			t.Errorf("the operator's endpoint gets %v, want %v", got, want)
		}
		if got := o.bodies(company); !slices.Equal(got, want) {
			t.Errorf("the company's endpoint gets %v, want %v", got, want)
		}
		o.Advance(time.Minute)
		for name, c := range map[string]struct {
			by    string
			scope webhook.Scope
			of    webhook.Endpoint
		}{"the operator's": {"thomas", webhook.OfPlatform, everywhere}, "the company's": {"marieke", webhook.OfCompany, company}} {
			count, err := o.hooks.ReplayRange(o.Ctx, o.Actor(c.by), c.scope, c.of.ID, webhook.Range{From: begun, Until: o.Now()})
			if err != nil || count != len(want) {
				t.Errorf("%s is sent %d again: %v", name, count, err)
			}
		}
	})
}
