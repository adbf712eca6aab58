package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	strangers "locum/handlers/demo"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/usage"
)

// seed makes the demo's companies and their past, through the same operations
// that people use. Its clock runs ahead of its steps.
type seed struct {
	ctx   context.Context
	house *house
	clock *clock
	where addresses

	outside *strangers.Strangers
	bridge  *strangers.Bridge
	tokens  map[string]string // of a session, by address
	now     time.Time         // when the demo started
	desk    time.Time         // the latest 11 o'clock: what happened days ago happened by day

	apps    map[string]tenancy.Application
	roles   map[string]tenancy.Role // by application and key: "planning/editor"
	metered map[string]usage.Meter  // likewise
	err     error                   // the first one; later steps do nothing
}

// do runs a step unless an earlier one failed.
func (s *seed) do(what string, step func() error) {
	if s.err != nil {
		return
	}
	if err := step(); err != nil {
		s.err = fmt.Errorf("%s: %w", what, err)
	}
}

// ago is so long before the demo started, and from a day on before the latest
// 11 o'clock.
func (s *seed) ago(d time.Duration) time.Time {
	if d < day {
		return s.now.Add(-d)
	}
	return s.desk.Add(day - d)
}

// back sets the clock to so long ago.
func (s *seed) back(d time.Duration) { s.clock.set(s.ago(d)) }

// elevenBefore is the last 11 o'clock in Amsterdam before a moment.
func elevenBefore(t time.Time) time.Time {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		zone = time.UTC
	}
	t = t.In(zone)
	eleven := time.Date(t.Year(), t.Month(), t.Day(), 11, 0, 0, 0, zone)
	if eleven.After(t) {
		eleven = eleven.AddDate(0, 0, -1)
	}
	return eleven
}

const day = 24 * time.Hour

// everything makes the whole of the demo.
func (s *seed) everything() error {
	s.now = time.Now()
	s.desk = elevenBefore(s.now.Add(-day))
	s.back(100 * day)
	s.operator()
	s.registry()
	s.connectBridge()
	s.meters()
	s.guard()
	s.zonneveld()
	s.consultancies()
	s.back(60 * day)
	s.deVries()
	s.past()
	s.oddities()
	s.directory()
	s.finish()
	return s.err
}

// as is a person, in a session that is live at this moment of the story.
func (s *seed) as(email string) models.Actor {
	if s.err != nil {
		return models.Actor{}
	}
	if token := s.tokens[email]; token != "" {
		if actor, err := s.house.Sessions.Fresh(s.ctx, token); err == nil && !actor.Anonymous() {
			return actor
		}
	}
	id := s.account(email)
	var actor models.Actor
	s.do("sign in "+email, func() (err error) {
		s.tokens[email], err = s.house.Sessions.Open(s.ctx, access.Opening{Account: id, Method: "code", Address: "192.0.2.15",
			UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"})
		if err == nil {
			actor, err = s.house.Sessions.Fresh(s.ctx, s.tokens[email])
		}
		return err
	})
	return actor
}

// account is the id of somebody of the demo.
func (s *seed) account(email string) (id string) {
	s.do("find "+email, func() error {
		return s.house.store.SystemRead(s.ctx, "find a person of the demo", func(tx *store.Tx) error {
			p, err := account.ByEmail(tx, email)
			id = p.ID
			return err
		})
	})
	return id
}

// system writes what people do before they have an account.
func (s *seed) system(what string, step func(tx *store.Tx) error) {
	s.do(what, func() error {
		return s.house.store.System(s.ctx, "the demo: "+what, func(tx *store.Tx) error {
			tx.NothingToRecord()
			return step(tx)
		})
	})
}

// found makes a person with a company and an organization.
func (s *seed) found(company, organization, name, email, language string) (made tenancy.Founded) {
	s.system("found "+company, func(tx *store.Tx) error {
		p, err := create(tx, name, email, language)
		if err != nil {
			return err
		}
		made, err = tenancy.Found(tx, company, organization, p)
		return err
	})
	return made
}

func create(tx *store.Tx, name, email, language string) (account.Person, error) {
	address, ok := account.ParseEmail(email)
	if !ok {
		return account.Person{}, fmt.Errorf("%q is no address", email)
	}
	return account.Create(tx, account.New{Name: name, Email: address, Language: language, TimeZone: "Europe/Amsterdam", Proven: true})
}

// join makes a person and lets him accept an invitation to an organization.
func (s *seed) join(by, name, email, language string, roles ...string) {
	s.system("make "+name, func(tx *store.Tx) error {
		_, err := create(tx, name, email, language)
		return err
	})
	var inv tenancy.Invitation
	s.do("invite "+name, func() (err error) {
		inv, err = s.house.Members.Invite(s.ctx, s.as(by), email, roles, language)
		return err
	})
	s.do("accept as "+name, func() error {
		_, err := s.house.Members.Accept(s.ctx, s.as(email), inv.ID)
		return err
	})
}

// operator sets the installation up as the first one who opens it does.
func (s *seed) operator() {
	s.do("set up", func() error {
		token, err := s.house.entrance.PrepareSetup(s.ctx)
		if err != nil {
			return err
		}
		s.tokens["lotte@hub.example"], err = s.house.entrance.Setup(s.ctx, access.Founding{Token: token, Name: "Lotte van Dijk", Email: "lotte@hub.example",
			Company: "Hub Hosting", Organization: "Hub Hosting", Language: "en", TimeZone: "Europe/Amsterdam", Address: "192.0.2.15"})
		return err
	})
}

// registry registers the applications and their roles.
func (s *seed) registry() {
	s.apps, s.roles = map[string]tenancy.Application{}, map[string]tenancy.Role{}
	type role struct{ key, name, description string }
	for _, a := range []struct {
		tenancy.Application
		roles []role
	}{
		{tenancy.Application{Key: "planning", Name: "Transport planning", Icon: "route", Description: "Rides, drivers and time slots"}, []role{
			{"viewer", "Viewer", "Sees the plan"}, {"editor", "Editor", "Changes the plan"}, {"planner", "Planner", "Releases the plan"}}},
		{tenancy.Application{Key: "stock", Name: "Stock levels", Icon: "boxes", Description: "What lies where"}, []role{
			{"viewer", "Viewer", "Sees stock"}, {"editor", "Editor", "Corrects stock"}}},
		{tenancy.Application{Key: "invoices", Name: "Invoice matching", Icon: "receipt-text", Description: "Matches invoices with orders"}, []role{
			{"reader", "Report reader", "Reads reports"}, {"editor", "Editor", "Matches and corrects"}}},
		{tenancy.Application{Key: "letters", Name: "Debtor letters", Icon: "mail", Description: "Reminders to customers"}, []role{
			{"reader", "Report reader", "Reads what was sent"}, {"editor", "Editor", "Writes and sends"}}},
	} {
		s.do("register "+a.Name, func() error {
			app, err := s.house.Companies.RegisterApplication(s.ctx, s.as("lotte@hub.example"), a.Application)
			s.apps[a.Key] = app
			return err
		})
		for _, r := range a.roles {
			s.do("register "+r.name, func() error {
				made, err := s.house.Companies.RegisterRole(s.ctx, s.as("lotte@hub.example"), tenancy.Role{Level: models.ApplicationLevel,
					ApplicationID: s.apps[a.Key].ID, Key: r.key, Name: r.name, Description: r.description})
				s.roles[a.Key+"/"+r.key] = made
				return err
			})
		}
	}
}

// guard registers the host of the application that stands behind a proxy.
func (s *seed) guard() {
	s.do("the host of the board", func() error {
		by := s.as("lotte@hub.example")
		id := s.apps["stock"].ID
		return s.house.Clients.Connect(s.ctx, by, id, client.Draft{Kind: client.Public, HomeURI: s.where.Board + "/", Hosts: strings.TrimPrefix(s.where.Board, "http://")})
	})
}

// enable lets an organization use applications. by must work in it.
func (s *seed) enable(by string, apps ...string) {
	for _, key := range apps {
		s.do("enable "+key, func() error { return s.house.Applications.Enable(s.ctx, s.as(by), s.apps[key].ID) })
	}
}

// in moves a person's session to an organization.
func (s *seed) in(email, organization string) {
	s.do(email+" switches", func() error {
		_, err := s.house.Sessions.Switch(s.ctx, s.as(email), organization)
		return err
	})
}

// deVries makes the company that signs in through its identity provider.
func (s *seed) deVries() {
	const marieke = "marieke@devries.example"
	made := s.found("De Vries Logistiek", "De Vries Production", "Marieke de Vries", marieke, "en")
	s.enable(marieke, "planning", "stock", bridgeKey)
	var acceptance, belgium tenancy.Organization
	s.do("organizations of De Vries", func() (err error) {
		if acceptance, err = s.house.Companies.NewOrganization(s.ctx, s.as(marieke), "De Vries Acceptance", "Europe/Amsterdam"); err != nil {
			return err
		}
		belgium, err = s.house.Companies.NewOrganization(s.ctx, s.as(marieke), "De Vries Belgium", "Europe/Brussels")
		return err
	})
	for _, o := range []tenancy.Organization{acceptance, belgium} {
		s.in(marieke, o.ID)
		s.enable(marieke, "planning")
	}
	s.in(marieke, made.Organization.ID)
	s.domain(marieke, made.Company.ID, "devries.example")
	connection := s.connect(marieke)
	group := func(name string) provisioning.Condition {
		return provisioning.Condition{All: []provisioning.Condition{{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: name}}}
	}
	organization := func(id string) provisioning.Target {
		return provisioning.Target{Level: models.OrganizationLevel, Organization: id}
	}
	for _, c := range []provisioning.Connector{
		{Name: "Company managers", Condition: group("Company-Managers"), Target: provisioning.Target{Level: models.CompanyLevel}, Role: tenancy.Manager},
		{Name: "Superusers of Production", Condition: group("Production-Superusers"), Target: organization(made.Organization.ID), Role: tenancy.Superuser},
		{Name: "Staff of Production", Condition: group("Production-Staff"), Target: organization(made.Organization.ID), Role: tenancy.Member},
		{Name: "Testers", Condition: group("Acceptance-Testers"), Target: organization(acceptance.ID), Role: tenancy.Member},
		{Name: "Superusers of Belgium", Condition: group("Belgium-Superusers"), Target: organization(belgium.ID), Role: tenancy.Superuser},
		{Name: "Staff in Belgium", Condition: provisioning.Condition{Any: []provisioning.Condition{
			{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "Belgium-Staff"},
			{All: []provisioning.Condition{{Attribute: "country", Operator: provisioning.Is, Value: "BE"}, {Attribute: "department", Operator: provisioning.Is, Value: "Planning"}}},
		}}, Target: organization(belgium.ID), Role: tenancy.Member},
		{Name: "Warehouse corrects stock", Condition: provisioning.Condition{All: []provisioning.Condition{
			{Attribute: "department", Operator: provisioning.Is, Value: "Warehouse"}, {Attribute: "country", Operator: provisioning.Is, Value: "NL"}}},
			Target: provisioning.Target{Level: models.ApplicationLevel, Organization: made.Organization.ID, Application: s.apps["stock"].ID}, Role: s.roles["stock/editor"].ID},
	} {
		c.State = provisioning.On
		s.do("connector "+c.Name, func() error {
			_, err := s.house.Connectors.Save(s.ctx, s.as(marieke), c, provisioning.Publishing{})
			return err
		})
	}
	s.do("who matches nothing gets nothing", func() error {
		chosen := tenancy.StandardPolicy
		chosen.NoMatch = tenancy.NoMatchNone
		return s.house.Companies.SetPolicy(s.ctx, s.as(marieke), chosen)
	})
	for i, p := range tenants[0].Personas {
		if len(p.Attributes["groups"]) == 0 {
			continue // they sign in for the first time in the demo
		}
		s.back(55*day - time.Duration(i)*time.Hour)
		s.known(made.Company.ID, connection, p)
	}
}

// zonneveld makes the organization that is helped.
func (s *seed) zonneveld() {
	s.back(95 * day)
	const karin = "karin@zonneveld.example"
	made := s.found("Zonneveld Bakkerijen", "Zonneveld Bakkerijen", "Karin Schouten", karin, "en")
	s.enable(karin, "invoices", "stock", "letters", bridgeKey)
	s.domain(karin, made.Company.ID, "zonneveld.example")
	s.join(karin, "Pim Zonneveld", "pim@zonneveld.example", "nl", tenancy.Superuser)
	s.join(karin, "Ria Smeets", "ria@zonneveld.example", "nl", tenancy.Member, s.roles["invoices/editor"].ID)
	s.join(karin, "Hugo Brandt", "hugo@zonneveld.example", "en", tenancy.Member, s.roles["stock/editor"].ID)
	s.join(karin, "Sofie Janssens", "sofie@zonneveld.example", "nl", tenancy.Member, s.roles["letters/editor"].ID, s.roles["invoices/reader"].ID)
}

// consultancies makes the firms whose people work elsewhere.
func (s *seed) consultancies() {
	s.back(93 * day)
	made := s.found("Kade Consultants", "Kade Consultants", "Sanne Kuipers", "sanne@kade.example", "en")
	s.enable("sanne@kade.example", bridgeKey)
	s.domain("sanne@kade.example", made.Company.ID, "kade.example")
	s.join("sanne@kade.example", "Thomas Bakker", "thomas@kade.example", "nl", tenancy.Member)
	s.join("sanne@kade.example", "Aisha Khan", "aisha@kade.example", "en", tenancy.Member)
	audit := s.found("Northgate Audit", "Northgate Audit", "Emily Carter", "e.carter@northgate.example", "en")
	s.domain("e.carter@northgate.example", audit.Company.ID, "northgate.example")
	s.join("e.carter@northgate.example", "Oliver Wright", "o.wright@northgate.example", "en", tenancy.Member)
	s.found("Koppelwerk", "Koppelwerk Utrecht", "Ruben Smit", "ruben@koppelwerk.example", "nl")
}

// finish makes it now: no mail of the past goes out, and nobody is left signed
// in but who is on a visit.
func (s *seed) finish() {
	s.clock.set(time.Time{})
	// What the sweeps would write at once belongs to the past too.
	for _, due := range []func(context.Context) error{s.house.Delegations.Expire, s.house.Delegations.Review, s.house.Delegations.Remind, s.house.Vault.Warn, s.house.Digests.Send} {
		s.do("what is due by now", func() error { return due(s.ctx) })
	}
	s.system("end the past", func(tx *store.Tx) error {
		now := models.At(tx.Now())
		if err := tx.Model(&mail.Mail{}).Where("sent_at IS NULL").Update("sent_at", now).Error; err != nil {
			return err
		}
		var inside []string
		if err := tx.Model(&delegation.Visit{}).Where("left_at IS NULL").Pluck("session_id", &inside).Error; err != nil {
			return err
		}
		return tx.Model(&account.Session{}).Where("revoked_at IS NULL AND id NOT IN ?", append(inside, "")).Update("revoked_at", now).Error
	})
}
