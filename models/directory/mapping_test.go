package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// firm is De Vries with a directory, and connectors.
type firm struct {
	*modelstest.World
	t           *testing.T
	connectors  *provisioning.Connectors
	directories *directory.Directories
	client      directory.Client
	users       map[string]string // by name, the directory's ids
	people      map[string]account.Person
}

func each(t *testing.T, test func(t *testing.T, f *firm)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f := &firm{World: w, t: t, connectors: provisioning.NewConnectors(w.Store), users: map[string]string{}, people: map[string]account.Person{}}
		f.directories = directory.New(w.Store, f.connectors)
		domains := federation.New(w.Store, w.Keys, f.directories.Resolve)
		_, err := domains.AddDomain(w.Ctx, f.Actor("marieke"), "devries.example")
		f.must(err)
		f.System(func(tx *store.Tx) error {
			if err := tx.Model(&tenancy.Company{}).Where("id <> ?", "").Updates(map[string]any{"brake_percent": 100, "brake_people": 1000, "brake_raised": 1000}).Error; err != nil {
				return err
			}
			return tx.Model(&tenancy.Domain{}).Where("name = ?", "devries.example").Update("verified_at", models.At(f.Now())).Error
		})
		_, token, err := f.directories.Add(w.Ctx, f.Actor("marieke"), directory.Draft{Name: "Entra", Kind: directory.Entra})
		f.must(err)
		f.client, err = f.directories.Authenticate(w.Ctx, token)
		f.must(err)
		test(t, f)
	})
}

func (f *firm) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// user adds somebody to the directory.
func (f *firm) user(name string) {
	f.t.Helper()
	found, err := f.directories.CreateUser(f.Ctx, f.client, map[string]any{"userName": name + "@devries.example", "displayName": name})
	f.must(err)
	f.users[name], _ = found.Resource["id"].(string)
	f.System(func(tx *store.Tx) (err error) {
		f.people[name], err = account.ByEmail(tx, name+"@devries.example")
		return err
	})
}

// group adds a group with members to the directory, and gives its id.
func (f *firm) group(name, external string, members ...string) string {
	f.t.Helper()
	var list []any
	for _, m := range members {
		list = append(list, map[string]any{"value": f.users[m]})
	}
	body := map[string]any{"displayName": name, "members": list}
	if external != "" {
		body["externalId"] = external
	}
	found, err := f.directories.CreateGroup(f.Ctx, f.client, body)
	f.must(err)
	id, _ := found.Resource["id"].(string)
	return id
}

// comesIn is what an assertion says of somebody.
func (f *firm) comesIn(name string, groups ...string) {
	f.t.Helper()
	if f.people[name].ID == "" {
		f.people[name] = f.Person(name, name, name+"@devries.example")
	}
	f.System(func(tx *store.Tx) error {
		_, err := f.directories.Resolve(tx, federation.Said{Company: f.Production.Company, Account: f.people[name].ID, Connection: "con_1", Assertion: models.NewID("ass"),
			At: models.At(f.Now()), Attributes: []federation.Attribute{{Name: "groups", Values: groups}}})
		return err
	})
}

func (f *firm) rule(name string, c provisioning.Condition) provisioning.Saved {
	f.t.Helper()
	done, err := f.connectors.Save(f.Ctx, f.Actor("marieke"), provisioning.Connector{Name: name, State: provisioning.On, Role: tenancy.Member, Condition: c,
		Target: provisioning.Target{Level: models.OrganizationLevel, Organization: f.Production.Organization}}, provisioning.Publishing{Leave: provisioning.RevokeRoles})
	f.must(err)
	return done.Saved
}

func in(group string) provisioning.Condition {
	return provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: group}
}

// members are those of the people who are a member of Production.
func (f *firm) members() (names []string) {
	f.System(func(tx *store.Tx) error {
		for name, p := range f.people {
			var n int64
			if err := tx.Model(&tenancy.Grant{}).Where("account_id = ? AND organization_id = ?", p.ID, f.Production.Organization).Count(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				names = append(names, name)
			}
		}
		return nil
	})
	slices.Sort(names)
	return names
}

func TestMappingListsGroupsOfDirectoriesFirst(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("bert", "Sign-in only", "planning")
		f.user("eva")
		planning := f.group("Planning", "", "eva")
		f.group("Board", "guid-board")
		f.rule("Planners", provisioning.InGroup(planning))
		f.rule("By name", in("PLANNING"))
		f.rule("Larger", provisioning.Condition{All: []provisioning.Condition{in("guid-board"), {Attribute: "country", Operator: provisioning.Is, Value: "NL"}}})
		m, err := f.directories.Mapping(f.Ctx, f.Actor("marieke"), directory.MappingQuery{Page: models.Of(1)})
		f.must(err)
		var names []string
		for _, g := range m.Groups {
			names = append(names, fmt.Sprintf("%s %s %s %d %d/%d", g.Name, g.ID, g.Directory, g.Members, len(g.Alone), len(g.Within)))
		}
		want := []string{"Board guid-board Entra 0 0/1", "Planning " + planning + " Entra 1 2/0", "Sign-in only Sign-in only  1 0/0"}
		if !slices.Equal(names, want) || m.Total != 3 || m.Managed != 2 || m.Roleless != 1 {
			t.Errorf("%q, %+v", names, m)
		}
		for query, found := range map[directory.MappingQuery]int{{Roleless: true}: 1, {Text: "plan"}: 1, {Text: "GUID"}: 1, {Text: "sign"}: 1, {Text: "none"}: 0} {
			query.Page = models.Of(1)
			if m, err := f.directories.Mapping(f.Ctx, f.Actor("marieke"), query); err != nil || m.Found != found || len(m.Groups) != found {
				t.Errorf("%+v finds %d (%v)", query, m.Found, err)
			}
		}
		if m, err := f.directories.Mapping(f.Ctx, f.Actor("karin"), directory.MappingQuery{Page: models.Of(1)}); err != nil || m.Total != 0 {
			t.Errorf("another company sees %+v (%v)", m, err)
		}
		_, err = f.directories.Mapping(f.Ctx, f.Actor("jan"), directory.MappingQuery{Page: models.Of(1)})
		if models.KindOf(err) != models.Forbidden {
			t.Errorf("a member: %v", err)
		}
	})
}

// TestNobodyLosesARoleWhenNamesMatch is the migration from sign-in groups: the
// same people have the same role, and a rename keeps it.
func TestNobodyLosesARoleWhenNamesMatch(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("eva", "Planning", "Guests")
		f.comesIn("bert", "planning")
		f.comesIn("ria", "Guests")
		f.rule("Planners", in("planning"))
		f.rule("Not guests", provisioning.Condition{All: []provisioning.Condition{in("Planning"), {Not: &provisioning.Condition{Any: []provisioning.Condition{in("Nobody")}}}}})
		f.user("eva")
		f.user("bert")
		f.user("ria")
		planning := f.group("Planning", "", "eva", "bert")
		by := f.Actor("marieke")
		looked, err := f.directories.Migration(f.Ctx, by, []string{"planning", "Planning"})
		f.must(err)
		if len(looked.Moves) != 2 || looked.Moves[0].To.ID != planning || len(looked.Left) != 1 || looked.Left[0].Text != "Nobody" {
			t.Fatalf("%+v", looked)
		}
		seen, err := f.connectors.PreviewAll(f.Ctx, by, looked.Batch)
		f.must(err)
		if seen.Lose != 0 || seen.Gain != 0 || seen.Keep != 2 {
			t.Errorf("foreseen %+v, %d keep it", seen.Effect, seen.Keep)
		}
		done, err := f.directories.Migrate(f.Ctx, by, []string{"planning", "Planning"}, looked.Stamp, provisioning.Publishing{})
		f.must(err)
		if got := f.members(); !slices.Equal(got, []string{"bert", "eva"}) || done.Run.Gained+done.Run.Lost != 0 {
			t.Fatalf("members are %q, %+v", got, done.Run)
		}
		list, err := f.connectors.List(f.Ctx, by)
		f.must(err)
		for _, s := range list {
			if texts := s.Condition.GroupsNamed(); texts[0] != planning || len(texts) == 2 && texts[1] != "Nobody" {
				t.Errorf("%s names %q", s.Name, texts)
			}
		}
		if again, err := f.directories.Migration(f.Ctx, by, nil); err != nil || len(again.Moves) != 0 {
			t.Errorf("there is more to move: %+v (%v)", again.Moves, err)
		}
		f.comesIn("eva", "Planning") // the directory goes on to say who is in it
		f.comesIn("ria", "Planning")
		if got := f.members(); !slices.Equal(got, []string{"bert", "eva"}) {
			t.Errorf("after the next sign-in members are %q", got)
		}
		_, err = f.connectors.Undo(f.Ctx, by, done.Run.ID, provisioning.Publishing{})
		f.must(err)
		if list, err = f.connectors.List(f.Ctx, by); err != nil || list[1].Condition.GroupsNamed()[0] != "planning" {
			t.Errorf("undone, there are %+v (%v)", list, err)
		}
	})
}

// TestMigrationFindsGroupsByFormerNames and says of whom the directory knows
// nothing that he loses the role.
func TestMigrationFindsGroupsByFormerNames(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("bert", "Planning")
		f.rule("Planners", in("Planning"))
		f.user("eva")
		planning := f.group("Planning", "guid-1", "eva")
		_, err := f.directories.PatchGroup(f.Ctx, f.client, planning, []directory.Operation{{Op: "replace", Value: map[string]any{"displayName": "Planners"}}}, nil, false)
		f.must(err)
		looked, err := f.directories.Migration(f.Ctx, f.Actor("marieke"), []string{"Planning"})
		f.must(err)
		if len(looked.Moves) != 1 || looked.Moves[0].To.ID != "guid-1" {
			t.Fatalf("%+v", looked)
		}
		seen, err := f.connectors.PreviewAll(f.Ctx, f.Actor("marieke"), looked.Batch)
		f.must(err)
		if seen.Lose != 1 || seen.Changes[0].Person.Name != "bert" || seen.Keep != 1 {
			t.Errorf("foreseen %+v", seen)
		}
	})
}

// TestAGroupWithoutCounterpartIsLeftAlone and so is a name that two groups share.
func TestAGroupWithoutCounterpartIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("bert", "Legacy", "Twice")
		legacy := f.rule("Legacy", in("Legacy"))
		twice := f.rule("Twice", in("Twice"))
		f.group("Twice", "guid-1")
		f.group("twice", "guid-2")
		f.rule("By id", in("GUID-2"))
		looked, err := f.directories.Migration(f.Ctx, f.Actor("marieke"), []string{"Legacy", "Twice", "GUID-2"})
		f.must(err)
		if len(looked.Moves) != 0 || len(looked.Left) != 2 || looked.Left[0].Ambiguous || !looked.Left[1].Ambiguous || !looked.Batch.Empty() {
			t.Fatalf("%+v", looked)
		}
		_, err = f.directories.Migrate(f.Ctx, f.Actor("marieke"), []string{"Legacy", "Twice"}, looked.Stamp, provisioning.Publishing{})
		f.Wants(err, models.Invalid, "provisioning.error.batch_empty")
		for _, was := range []provisioning.Saved{legacy, twice} {
			if now, _, err := f.connectors.Get(f.Ctx, f.Actor("marieke"), was.ID); err != nil || now.Version != 1 {
				t.Errorf("%s is at version %d (%v)", was.Name, now.Version, err)
			}
		}
	})
}

func TestMigrationIsRefusedOnceAConnectorChanged(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("bert", "Planning")
		saved := f.rule("Planners", in("Planning"))
		f.user("bert")
		f.group("Planning", "", "bert")
		by := f.Actor("marieke")
		looked, err := f.directories.Migration(f.Ctx, by, []string{"Planning"})
		f.must(err)
		_, err = f.connectors.Save(f.Ctx, by, saved.Connector, provisioning.Publishing{})
		f.must(err)
		_, err = f.directories.Migrate(f.Ctx, by, []string{"Planning"}, looked.Stamp, provisioning.Publishing{})
		f.Wants(err, models.Conflict, "provisioning.error.changed_meanwhile")
	})
}

// TestMigrationIsStoppedByBrakes like any other publication.
func TestMigrationIsStoppedByBrakes(t *testing.T) {
	each(t, func(t *testing.T, f *firm) {
		f.comesIn("bert", "Planning")
		f.rule("Planners", in("Planning"))
		f.user("eva")
		f.group("Planning", "", "eva")
		f.System(func(tx *store.Tx) error {
			return tx.Model(&tenancy.Company{}).Where("id <> ?", "").Update("brake_percent", 10).Error
		})
		by := f.Actor("marieke")
		looked, err := f.directories.Migration(f.Ctx, by, []string{"Planning"})
		f.must(err)
		_, err = f.directories.Migrate(f.Ctx, by, []string{"Planning"}, looked.Stamp, provisioning.Publishing{})
		var braked *provisioning.Braked
		if !errors.As(err, &braked) || braked.Lose != 1 {
			t.Fatalf("%v", err)
		}
		if got := f.members(); !slices.Equal(got, []string{"bert", "eva"}) {
			t.Errorf("members are %q", got)
		}
	})
}
