package provisioning

import (
	"fmt"
	"slices"
	"testing"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// changed writes down what changes for whom, so that two accounts of it can be
// compared.
// changed says what people gain and lose. What is held is left out: saving tells
// of all that the rules hold, a preview of what its own change does.
func changed(list []Applied) (lines []string) {
	for _, a := range list {
		if len(a.Gained)+len(a.Lost) > 0 {
			lines = append(lines, fmt.Sprint(a.Person.Name, " +", a.Gained, " -", a.Lost))
		}
	}
	return lines
}

func foreseen(p Preview) (list []Applied) {
	for _, f := range p.Changes {
		list = append(list, f.Applied)
	}
	return list
}

func TestAPreviewSaysWhatSavingDoes(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "Planning-Editors", "Owners")
	w.comesIn("Daan Mulder", "Planning-Viewers", "Owners")
	w.comesIn("Marieke de Vries", "Board")
	managers := Connector{Name: "Managers", State: On, Condition: is("group", "Owners"), Target: Target{Level: models.CompanyLevel}, Role: tenancy.Manager}
	superusers := w.editors()
	superusers.Name, superusers.Role, superusers.Condition = "Superusers", tenancy.Superuser, is("group", "Board")
	saved := map[string]Connector{"Editors": w.editors(), "Managers": managers, "Superusers": superusers}
	for _, step := range []struct {
		name, of string
		change   func(*Connector)
		gain     int
		lose     int
		after    int
	}{
		{"a new connector", "Editors", func(c *Connector) {}, 1, 0, 1},
		{"another condition", "Editors", func(c *Connector) { c.Condition = is("group", "Planning-Viewers") }, 1, 1, 1},
		{"a draft", "Editors", func(c *Connector) { c.State = Draft }, 0, 1, 1},
		// Marieke comes first, and is the last manager until the others are.
		{"two managers", "Managers", func(c *Connector) {}, 2, 2, 2},
		{"the first manager", "Managers", func(c *Connector) { c.Note = "again" }, 1, 1, 2},
		// Both would lose the role at once: the second keeps it.
		{"no managers left", "Managers", func(c *Connector) { c.State = Off }, 1, 1, 2},
		{"the superuser there is", "Superusers", func(c *Connector) {}, 0, 0, 1},
	} {
		c := saved[step.of]
		step.change(&c)
		before := w.events("role.granted")
		p, err := w.connectors.Preview(w.ctx, w.marieke, c)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if w.events("role.granted") != before {
			t.Errorf("%s: the preview gave a role", step.name)
		}
		done, err := w.connectors.Save(w.ctx, w.marieke, c, anyway)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		saved[step.of] = done.Saved.Connector
		if said, did := changed(foreseen(p)), changed(done.Changes); !slices.Equal(said, did) {
			t.Errorf("%s: the preview said\n%q\nand saving did\n%q", step.name, said, did)
		}
		if p.Gain != step.gain || p.Lose != step.lose || p.After != step.after || p.Known != 3 {
			t.Errorf("%s: +%d -%d, %d of %d match", step.name, p.Gain, p.Lose, p.After, p.Known)
		}
	}
}

func TestAPreviewOfDeletingSaysWhatDeletingDoes(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "Planning-Editors")
	saved := w.save(w.editors())
	kept, err := w.connectors.Preview(w.ctx, w.marieke, saved.Connector)
	if err != nil || len(kept.Changes) != 0 || len(kept.Kept) != 1 || kept.Before != 1 || kept.Kept[0].Person.Name != "Anna Visser" {
		t.Errorf("of no change it says %+v (%v)", kept, err)
	}
	p, err := w.connectors.PreviewDelete(w.ctx, w.marieke, saved.ID)
	if err != nil || p.Lose != 1 || p.Before != 1 || p.After != 0 {
		t.Fatalf("it says %+v (%v)", p, err)
	}
	did, err := w.connectors.Delete(w.ctx, w.marieke, saved.ID, anyway)
	if err != nil || !slices.Equal(changed(foreseen(p)), changed(did.Changes)) {
		t.Errorf("deleting did %q (%v)", changed(did.Changes), err)
	}
}

func TestAPreviewRefusesWhatSavingRefuses(t *testing.T) {
	w := newWorld(t)
	saved := w.save(w.editors())
	foreign := w.editors()
	foreign.Target.Organization = w.foreign.ID
	if _, err := w.connectors.Preview(w.ctx, w.marieke, foreign); models.KindOf(err) != models.Invalid {
		t.Errorf("a foreign organization: %v", err)
	}
	own := saved.Connector
	own.Target = Target{Level: models.CompanyLevel}
	own.Role = tenancy.Employee
	if _, err := w.connectors.Preview(w.ctx, w.karin, own); models.KindOf(err) != models.NotFound {
		t.Errorf("another company's connector: %v", err)
	}
	if _, err := w.connectors.PreviewDelete(w.ctx, w.karin, saved.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("deleting another company's connector: %v", err)
	}
}

func TestWhatHasBeenSeen(t *testing.T) {
	w := newWorld(t)
	nobody, err := w.connectors.Seen(w.ctx, w.marieke)
	if err != nil || nobody.Never(is("group", "Planning-Editor")) {
		t.Errorf("while nobody is known it says that a value is never seen (%v)", err)
	}
	w.comesIn("Anna Visser", "Planning-Editors", "Finance-NL")
	w.comesIn("Daan Mulder", "Planning-Viewers")
	seen, err := w.connectors.Seen(w.ctx, w.marieke)
	if err != nil || len(seen.Attributes) != 1 || !slices.Equal(seen.Attributes[0].Values, []string{"Finance-NL", "Planning-Editors", "Planning-Viewers"}) {
		t.Fatalf("seen %+v (%v)", seen, err)
	}
	for _, of := range []struct {
		condition Condition
		never     bool
	}{
		{is("groups", "planning-editors"), false},
		{is("group", "Planning-Editor"), true},
		{Condition{Attribute: "group", Operator: StartsWith, Value: "plan"}, false},
		{Condition{Attribute: "group", Operator: Pattern, Value: "plan"}, true},
		{Condition{Attribute: "group", Operator: Pattern, Value: "("}, false},
		{Condition{Attribute: "group", Operator: IsNot, Value: "External"}, false},
		{is("country", "NL"), true},
	} {
		if got := seen.Never(of.condition); got != of.never {
			t.Errorf("%s is never seen: %v", of.condition, got)
		}
	}
	both := Condition{All: []Condition{is("group", "Finance-NL"), {Any: []Condition{is("group", "Nobody")}}, {Not: &Condition{Attribute: "group", Operator: Is, Value: "x"}}}}
	if never := seen.NeverIn(both); len(never) != 1 || never[0].Value != "Nobody" {
		t.Errorf("never in the tree: %v", never)
	}
	if elsewhere, err := w.connectors.Seen(w.ctx, w.karin); err != nil || elsewhere.People != 0 || len(elsewhere.Attributes) != 0 {
		t.Errorf("another company sees %+v (%v)", elsewhere, err)
	}
	people, _, err := w.connectors.Everyone(w.ctx, w.marieke)
	if err != nil || len(people) != 2 || people[0].Name != "Anna Visser" {
		t.Errorf("known are %+v (%v)", people, err)
	}
}

func TestWhySomebodyHasARole(t *testing.T) {
	w := newWorld(t)
	saved := w.save(w.editors())
	w.comesIn("Anna Visser", "Planning-Editors")
	w.comesIn("Daan Mulder", "Planning-Viewers")
	why, err := w.connectors.Why(w.ctx, w.marieke, saved.ID, w.people["Anna Visser"].ID)
	if err != nil || !why.Given || !why.Trace.Holds || why.Trace.Decided != "Planning-Editors" || why.Known.IsZero() {
		t.Errorf("why: %+v (%v)", why, err)
	}
	not, err := w.connectors.Why(w.ctx, w.marieke, saved.ID, w.people["Daan Mulder"].ID)
	if err != nil || not.Given || not.Trace.Holds || !slices.Equal(not.Trace.Values, []string{"Planning-Viewers"}) {
		t.Errorf("why not: %+v (%v)", not, err)
	}
	w.system(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: w.marieke.Effective.Company, OrganizationID: w.production.ID, AccountID: w.people["Daan Mulder"].ID,
			RoleID: tenancy.Member, Source: tenancy.Manual}, "Daan Mulder")
	})
	if by, err := w.connectors.Why(w.ctx, w.marieke, saved.ID, w.people["Daan Mulder"].ID); err != nil || len(by.Others) != 1 || by.Given {
		t.Errorf("by hand: %+v (%v)", by, err)
	}
	if _, err := w.connectors.Why(w.ctx, w.marieke, saved.ID, w.people["Karin Schouten"].ID); models.KindOf(err) != models.NotFound {
		t.Errorf("somebody of another company: %v", err)
	}
	if _, err := w.connectors.Why(w.ctx, w.karin, saved.ID, w.people["Anna Visser"].ID); models.KindOf(err) != models.NotFound {
		t.Errorf("from another company: %v", err)
	}
}

func TestAListSaysWhoChangedAConnectorLast(t *testing.T) {
	w := newWorld(t)
	saved := w.save(w.editors())
	other := w.marieke
	other.Account, other.Name = w.people["Anna Visser"].ID, "Anna Visser"
	if _, err := w.connectors.Save(w.ctx, other, saved.Connector, anyway); err != nil {
		t.Fatal(err)
	}
	list, err := w.connectors.List(w.ctx, w.marieke)
	if err != nil || list[0].CreatedByName != "Marieke de Vries" || list[0].ChangedByName != "Anna Visser" {
		t.Errorf("listed %+v (%v)", list, err)
	}
}

func TestTargetsAreTheCompanysOwn(t *testing.T) {
	w := newWorld(t)
	targets, err := w.connectors.Targets(w.ctx, w.marieke)
	if err != nil || len(targets.Organizations) != 1 || targets.Organizations[0].ID != w.production.ID {
		t.Fatalf("targets %+v (%v)", targets, err)
	}
	at := Target{Level: models.OrganizationLevel, Organization: w.production.ID}
	if targets.Label(at) != "De Vries Production" || targets.Label(Target{Level: models.CompanyLevel}) != "De Vries Logistiek" || targets.Role(tenancy.Member) == tenancy.Member {
		t.Errorf("labels %q %q", targets.Label(at), targets.Role(tenancy.Member))
	}
}

func TestAPreviewTellsOfTheRolesThatItsOwnChangeHolds(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Marieke de Vries", "Board")
	superusers := w.editors()
	superusers.Role, superusers.Condition = tenancy.Superuser, is("group", "Board")
	saved := w.save(superusers)
	saved.Condition = is("group", "Nobody")
	first, err := w.connectors.Preview(w.ctx, w.marieke, saved.Connector)
	if err != nil || first.Hold != 1 || len(first.Changes) != 1 {
		t.Fatalf("the change that holds it: %+v %v", first.Effect, err)
	}
	w.save(saved.Connector)
	later, err := w.connectors.Preview(w.ctx, w.marieke, w.editors())
	if err != nil || later.Hold != 0 || len(later.Changes) != 0 {
		t.Errorf("another change: %+v %v", later.Effect, err)
	}
}
