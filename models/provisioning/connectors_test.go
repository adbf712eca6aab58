package provisioning

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// anyway publishes whatever the change does where no brakes are set.
var anyway = Publishing{Reason: "asked for", Leave: RevokeRoles}

// world is a company with a manager, Marieke, and a second company beside it.
type world struct {
	*testing.T
	ctx        context.Context
	store      *store.Store
	connectors *Connectors
	marieke    models.Actor
	karin      models.Actor // of the other company
	production tenancy.Organization
	foreign    tenancy.Organization
	people     map[string]account.Person
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, ctx: context.Background(), people: map[string]account.Person{}}
	authority := func(tx *store.Tx, by models.Actor) (models.Actor, error) { return by, nil }
	s, err := store.Open(w.ctx, store.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "locum.db"), Derive: authority})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w.store, w.connectors = s, NewConnectors(s)
	w.marieke, w.production = w.found("De Vries Logistiek", "De Vries Production", "Marieke de Vries", "marieke@devries.example")
	w.karin, w.foreign = w.found("Zonneveld Bakkerijen", "Zonneveld", "Karin Schouten", "karin@zonneveld.example")
	w.system(func(tx *store.Tx) error { return Brake(tx, Loose) })
	for _, name := range []string{"Anna Visser", "Daan Mulder"} {
		w.people[name] = w.person(name, strings.ToLower(strings.Fields(name)[0])+"@devries.example")
	}
	return w
}

func (w *world) system(do func(tx *store.Tx) error) {
	w.Helper()
	err := w.store.System(w.ctx, "a test", func(tx *store.Tx) error { tx.NothingToRecord(); return do(tx) })
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) person(name, email string) (p account.Person) {
	w.Helper()
	w.system(func(tx *store.Tx) (err error) {
		p, err = account.Create(tx, account.New{Name: name, Email: account.Email{Typed: email, Normal: email}, Language: "nl", TimeZone: "Europe/Amsterdam", Proven: true})
		return err
	})
	return p
}

func (w *world) found(company, organization, manager, email string) (by models.Actor, o tenancy.Organization) {
	w.Helper()
	p := w.person(manager, email)
	w.people[manager] = p
	w.system(func(tx *store.Tx) error {
		f, err := tenancy.Found(tx, company, organization, p)
		o = f.Organization
		here := models.Party{Company: f.Company.ID, CompanyName: company, Organization: o.ID, Name: organization}
		by = models.Actor{Account: p.ID, Name: manager, Session: "ses_" + p.ID, Real: here, Effective: here, Permissions: models.CompanyPermissions}
		return err
	})
	return by, o
}

// comesIn signs a person in with these groups.
func (w *world) comesIn(name string, groups ...string) (done Applied) {
	w.Helper()
	w.system(func(tx *store.Tx) (err error) {
		done, err = w.connectors.SignIn(tx, w.marieke.Effective.Company, w.people[name], "con_1", Mapping{},
			Reading{Source{FromAssertion, "a-" + strings.Join(groups, "-"), models.At(tx.Now())}, []Received{received("groups", groups...)}})
		return err
	})
	return done
}

func (w *world) holds(name string) (list []string) {
	w.Helper()
	w.system(func(tx *store.Tx) error {
		var grants []tenancy.Grant
		if err := tx.Where("account_id = ?", w.people[name].ID).Order("organization_id, role_id, source").Find(&grants).Error; err != nil {
			return err
		}
		for _, g := range grants {
			list = append(list, strings.TrimPrefix(g.RoleID, "rol_")+"/"+string(g.Source))
		}
		return nil
	})
	return list
}

func (w *world) wantHolds(name string, want ...string) {
	w.Helper()
	if got := w.holds(name); !slices.Equal(got, want) {
		w.Errorf("%s holds %q, want %q", name, got, want)
	}
}

func (w *world) save(c Connector) Saved {
	w.Helper()
	s, err := w.connectors.Save(w.ctx, w.marieke, c, anyway)
	if err != nil {
		w.Fatal(err)
	}
	return s.Saved
}

func (w *world) editors() Connector {
	return Connector{Name: "Editors", State: On, Condition: is("group", "Planning-Editors"), Role: tenancy.Member,
		Target: Target{Level: models.OrganizationLevel, Organization: w.production.ID}}
}

func (w *world) events(kind string) (n int64) {
	w.Helper()
	w.system(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("type = ? AND company_id = ?", kind, w.marieke.Effective.Company).Count(&n).Error
	})
	return n
}

func TestSignInGivesAndTakesRoles(t *testing.T) {
	w := newWorld(t)
	w.save(w.editors())
	done := w.comesIn("Anna Visser", "Planning-Editors")
	w.wantHolds("Anna Visser", "employee/default", "member/rule")
	if len(done.Gained) != 2 || done.Result.Grants[0].Evidence[0].Matches[0].Found != "Planning-Editors" {
		t.Errorf("gained %+v", done.Gained)
	}
	var anna account.Account
	w.system(func(tx *store.Tx) error { return tx.Where("id = ?", w.people["Anna Visser"].ID).Take(&anna).Error })
	if anna.HomeOrganizationID == nil || *anna.HomeOrganizationID != w.production.ID {
		t.Error("her first organization is not her home")
	}
	given := w.events(event.RoleGranted)
	w.comesIn("Anna Visser", "Planning-Editors", "Other")
	if again := w.events(event.RoleGranted); again != given {
		t.Errorf("signing in with the same roles left %d events", again-given)
	}
	w.comesIn("Anna Visser", "Other")
	w.wantHolds("Anna Visser", "employee/default")
	w.system(func(tx *store.Tx) error { return tx.Where("id = ?", anna.ID).Take(&anna).Error })
	if anna.HomeOrganizationID != nil {
		t.Error("the organization she lost is still her home")
	}
}

func TestSavingAConnectorEvaluatesEveryoneKnown(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "Planning-Editors")
	w.comesIn("Daan Mulder", "Planning-Viewers")
	done, err := w.connectors.Save(w.ctx, w.marieke, w.editors(), anyway)
	if err != nil || len(done.Changes) != 1 || done.Changes[0].Person.Name != "Anna Visser" {
		t.Fatalf("changed %+v (%v)", done.Changes, err)
	}
	saved := done.Saved
	w.wantHolds("Anna Visser", "employee/default", "member/rule")
	saved.Condition = Condition{Attribute: "groups", Operator: EndsWith, Value: "-viewers"}
	again := w.save(saved.Connector)
	w.wantHolds("Anna Visser", "employee/default")
	w.wantHolds("Daan Mulder", "employee/default", "member/rule")
	if again.Version != 2 || again.Condition.Attribute != "group" {
		t.Errorf("saved %+v", again.Connector)
	}
	again.State = Off
	off := w.save(again.Connector)
	w.wantHolds("Daan Mulder", "employee/default")
	off.State = On
	w.save(off.Connector)
	if list, err := w.connectors.List(w.ctx, w.marieke); err != nil || len(list) != 1 || list[0].People != 1 {
		t.Errorf("listed %+v (%v)", list, err)
	}
	if _, err := w.connectors.Delete(w.ctx, w.marieke, saved.ID, anyway); err != nil {
		t.Fatal(err)
	}
	w.wantHolds("Daan Mulder", "employee/default")
	if w.events(event.ConnectorCreated) != 1 || w.events(event.ConnectorChanged) != 3 || w.events(event.ConnectorDeleted) != 1 {
		t.Error("not each change left its event")
	}
}

func TestHistoryOfAConnector(t *testing.T) {
	w := newWorld(t)
	first := w.save(w.editors())
	second := first
	second.Name = "Editors of Production"
	w.save(second.Connector)
	_, err := w.connectors.Save(w.ctx, w.marieke, first.Connector, anyway)
	if models.KindOf(err) != models.Conflict {
		t.Errorf("a change of the version before last: %v", err)
	}
	_, history, err := w.connectors.Get(w.ctx, w.marieke, first.ID)
	if err != nil || len(history) != 2 || history[0].Reason != "asked for" || history[0].MadeByName != "Marieke de Vries" {
		t.Fatalf("history %+v (%v)", history, err)
	}
	if was, deleted, err := history[1].Read(); err != nil || deleted || was.Name != "Editors" || was.Condition.String() != first.Condition.String() {
		t.Errorf("version 1 was %+v (%v)", was, err)
	}
}

func TestAConnectorStaysInItsCompany(t *testing.T) {
	w := newWorld(t)
	saved := w.save(w.editors())
	if _, _, err := w.connectors.Get(w.ctx, w.karin, saved.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("another company reads it: %v", err)
	}
	if _, err := w.connectors.Delete(w.ctx, w.karin, saved.ID, anyway); models.KindOf(err) != models.NotFound {
		t.Errorf("another company deletes it: %v", err)
	}
	if _, err := w.connectors.Save(w.ctx, w.karin, saved.Connector, anyway); models.KindOf(err) == models.Internal || err == nil {
		t.Errorf("another company changes it: %v", err)
	}
	for name, spoil := range map[string]func(*Connector){
		"a foreign organization":     func(c *Connector) { c.Target.Organization = w.foreign.ID },
		"an unknown organization":    func(c *Connector) { c.Target.Organization = "org_none" },
		"a role of another level":    func(c *Connector) { c.Role = tenancy.Manager },
		"an application not in use":  func(c *Connector) { c.Target.Level, c.Target.Application = models.ApplicationLevel, "app_none" },
		"a condition that is no one": func(c *Connector) { c.Condition = Condition{} },
	} {
		c := w.editors()
		spoil(&c)
		if _, err := w.connectors.Save(w.ctx, w.marieke, c, anyway); models.KindOf(err) != models.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	lesser := w.marieke
	lesser.Permissions = models.Permissions{models.ManageConnectors}
	manager := Connector{Name: "Me", State: On, Condition: is("group", "x"), Target: Target{Level: models.CompanyLevel}, Role: tenancy.Manager}
	if _, err := w.connectors.Save(w.ctx, lesser, manager, anyway); models.KindOf(err) != models.Forbidden {
		t.Errorf("who may write connectors makes himself manager: %v", err)
	}
	lesser.Permissions = models.Permissions{models.ViewCompany}
	if _, err := w.connectors.List(w.ctx, lesser); models.KindOf(err) != models.Forbidden {
		t.Errorf("who may not manage connectors lists them: %v", err)
	}
}

func TestTheLastManagerAndTheLastSuperuserStay(t *testing.T) {
	w := newWorld(t)
	managers := Connector{Name: "Managers", State: On, Condition: is("group", "Owners"), Target: Target{Level: models.CompanyLevel}, Role: tenancy.Manager}
	superusers := w.editors()
	superusers.Role, superusers.Condition = tenancy.Superuser, is("group", "Owners")
	w.save(managers)
	w.save(superusers)
	done := w.comesIn("Marieke de Vries", "Nothing")
	w.wantHolds("Marieke de Vries", "manager/manual", "superuser/manual")
	if len(done.Held) != 2 || len(done.Lost) != 0 {
		t.Errorf("held %+v, lost %+v", done.Held, done.Lost)
	}
	w.comesIn("Anna Visser", "Owners")
	w.wantHolds("Anna Visser", "manager/rule", "superuser/rule")
	w.comesIn("Marieke de Vries", "Nothing")
	w.wantHolds("Marieke de Vries", "employee/default")
	w.comesIn("Anna Visser", "Nothing")
	w.wantHolds("Anna Visser", "manager/rule", "superuser/rule")
}

func TestARoleThatChangesItsSourceLeavesNoEvent(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "A", "B")
	first := w.editors()
	first.Condition = is("group", "A")
	saved := w.save(first)
	before := w.events(event.RoleGranted)
	second := w.editors()
	second.Name, second.Condition = "Other", is("group", "B")
	w.save(second)
	if _, err := w.connectors.Delete(w.ctx, w.marieke, saved.ID, anyway); err != nil {
		t.Fatal(err)
	}
	w.wantHolds("Anna Visser", "employee/default", "member/rule")
	if w.events(event.RoleGranted) != before || w.events(event.RoleRemoved) != 0 {
		t.Error("the role went and came in the events")
	}
}

func TestWhatIsKnownOfAPerson(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "A")
	w.system(func(tx *store.Tx) error {
		p, err := Known(tx, w.marieke.Effective.Company, w.people["Anna Visser"].ID)
		if got := p.Values("group"); err != nil || !slices.Equal(got, []string{"A"}) {
			t.Errorf("known %q (%v)", got, err)
		}
		stranger, err := Known(tx, w.karin.Effective.Company, w.people["Anna Visser"].ID)
		if err != nil || stranger.State("group") != Absent {
			t.Errorf("known elsewhere: %v (%v)", stranger.Groups(), err)
		}
		return nil
	})
}
