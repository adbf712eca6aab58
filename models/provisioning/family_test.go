package provisioning_test

import (
	"encoding/json"
	"slices"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// desk is a world with the roles planner, viewer and auditor in organizations,
// of which a person has one in that order, and a connector of Production for
// each: whoever is in the group of that name has the role.
type desk struct {
	*testing.T
	*modelstest.World
	connectors *provisioning.Connectors
	family     tenancy.Family
	roles      map[string]string // key -> id
	keys       map[string]string // id -> key
	saved      map[string]provisioning.Saved
}

func eachDesk(t *testing.T, test func(d *desk)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := &desk{T: t, World: w, connectors: provisioning.NewConnectors(w.Store), roles: map[string]string{}, keys: map[string]string{}, saved: map[string]provisioning.Saved{}}
		w.System(func(tx *store.Tx) error {
			return tx.Model(&account.Account{}).Where("id = ?", w.ID("karin")).Update("operator", true).Error
		})
		for _, key := range []string{"planner", "viewer", "auditor"} {
			d.register(key)
		}
		var err error
		d.family, err = w.Companies.RegisterFamily(w.Ctx, w.Actor("karin"), tenancy.Family{Level: models.OrganizationLevel, Name: "Desk"},
			[]string{d.roles["planner"], d.roles["viewer"], d.roles["auditor"]})
		d.must(err)
		open := tenancy.StandardPolicy
		open.Brakes = tenancy.Brakes{Percent: 100, People: 100, Raised: 100}
		d.must(w.Companies.SetPolicy(w.Ctx, w.Actor("marieke"), open))
		d.save("staff", tenancy.Member)
		for _, key := range []string{"viewer", "planner", "auditor"} {
			d.save(key, d.roles[key])
		}
		test(d)
	})
}

func (d *desk) must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

func (d *desk) register(key string) {
	d.T.Helper()
	r, err := d.Companies.RegisterRole(d.Ctx, d.Actor("karin"), tenancy.Role{Level: models.OrganizationLevel, Key: key, Name: key})
	d.must(err)
	d.roles[key], d.keys[r.ID] = r.ID, key
}

func (d *desk) connector(group, role string) provisioning.Connector {
	return provisioning.Connector{Name: group, State: provisioning.On, Role: role,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: d.Production.Organization},
		Condition: provisioning.Condition{Attribute: "group", Operator: provisioning.Is, Value: group}}
}

func (d *desk) save(group, role string) {
	d.T.Helper()
	s, err := d.connectors.Save(d.Ctx, d.Actor("marieke"), d.connector(group, role), anyway)
	d.must(err)
	d.saved[group] = s.Saved
}

func (d *desk) comesIn(key string, groups ...string) (done provisioning.Applied) {
	d.T.Helper()
	d.World.System(func(tx *store.Tx) error {
		p, err := account.Load(tx, d.ID(key))
		if err != nil {
			return err
		}
		done, err = d.connectors.SignIn(tx, d.Production.Company, p, "con_1", provisioning.Mapping{}, provisioning.Reading{
			Source:     provisioning.Source{Kind: provisioning.FromAssertion, Reference: models.NewID("ref"), At: models.At(tx.Now())},
			Attributes: []provisioning.Received{{Name: "groups", Values: groups}}})
		return err
	})
	return done
}

// has fails unless somebody holds exactly these roles of the family.
func (d *desk) has(key string, want ...string) {
	d.T.Helper()
	var got []string
	d.World.System(func(tx *store.Tx) error {
		var grants []tenancy.Grant
		err := tx.Where("account_id = ? AND company_id = ?", d.ID(key), d.Production.Company).Find(&grants).Error
		for _, g := range grants {
			if name := d.keys[g.RoleID]; name != "" {
				got = append(got, name+"/"+string(g.Source))
			}
		}
		return err
	})
	slices.Sort(got)
	if !slices.Equal(got, want) {
		d.T.Errorf("%s holds %q, and not %q", key, got, want)
	}
}

// jobs are the evaluations that were queued, in order.
func (d *desk) jobs() (list []provisioning.Evaluation) {
	d.T.Helper()
	column := map[string]string{"sqlite": "CAST(json(args) AS text)", "postgres": "CAST(args AS text)"}[d.Database]
	d.World.System(func(tx *store.Tx) error {
		var args []string
		if err := tx.Table("river_job").Where("kind = ?", "evaluation").Order("id").Pluck(column, &args).Error; err != nil {
			return err
		}
		for _, text := range args {
			var job provisioning.Evaluation
			if err := json.Unmarshal([]byte(text), &job); err != nil {
				return err
			}
			list = append(list, job)
		}
		return nil
	})
	return list
}

func (d *desk) move(key string, earlier bool) {
	d.T.Helper()
	d.must(d.Companies.MoveInFamily(d.Ctx, d.Actor("karin"), d.family.ID, d.roles[key], earlier))
}

func (d *desk) catchUp(jobs ...provisioning.Evaluation) {
	d.T.Helper()
	for _, job := range jobs {
		d.must(d.connectors.CatchUp(d.Ctx, job))
	}
}

func TestOfAOneOfFamilyThePriorityListDecides(t *testing.T) {
	eachDesk(t, func(d *desk) {
		done := d.comesIn("anna", "staff", "auditor", "viewer", "planner")
		d.has("anna", "planner/rule")
		for _, key := range []string{"viewer", "auditor"} {
			change := provisioning.Change{Target: d.saved[key].Target, Role: d.roles[key]}
			if first := done.First(change); first != d.roles["planner"] {
				d.Errorf("before %s goes %q", key, d.keys[first])
			}
		}
		d.comesIn("anna", "staff", "auditor", "viewer")
		d.has("anna", "viewer/rule")
		d.comesIn("anna", "staff", "auditor")
		d.has("anna", "auditor/rule")
	})
}

func TestAnotherOrderOfAFamilyThatDoesTooMuchIsHeld(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner")
		d.must(d.Companies.SetPolicy(d.Ctx, d.Actor("marieke"), tenancy.StandardPolicy))
		before := len(d.jobs())
		d.move("viewer", true)
		d.catchUp(d.jobs()[before:]...)
		d.has("anna", "planner/rule")
		open, err := d.connectors.Unfinished(d.Ctx, d.Actor("marieke"))
		d.must(err)
		if open == nil || open.State != provisioning.RunHeld || open.Cause != provisioning.RolesOrdered {
			d.Fatalf("the run is %+v", open)
		}
		d.must(d.connectors.Resume(d.Ctx, d.Actor("marieke"), open.ID, int(open.Left())))
		d.must(d.connectors.Advance(d.Ctx))
		d.has("anna", "viewer/rule")
	})
}

func TestAnotherOrderOfAFamilyReachesEveryoneKnownThroughAJob(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner")
		before := len(d.jobs())
		d.move("viewer", true)
		jobs := d.jobs()[before:]
		if len(jobs) != 1 || jobs[0].Company != d.Production.Company || jobs[0].Family != d.family.ID {
			d.Fatalf("queued is %+v", jobs)
		}
		d.has("anna", "planner/rule") // the request itself evaluates nobody
		d.catchUp(jobs...)
		d.has("anna", "viewer/rule")
		if n := d.Count(d.Production, event.FamilyApplied); n != 0 {
			d.Errorf("the event stands %d times in an organization", n)
		}
		applied := d.applied()
		if len(applied) != 1 || applied[0].SubjectName != "Desk" {
			d.Fatalf("the company's events are %+v", applied)
		}
		d.catchUp(jobs...) // at least once
		if len(d.applied()) != 1 {
			d.Error("a repeat is told again")
		}
	})
}

// Somebody whose role is held is no news at each evaluation.
func TestAnEvaluationThatMovesNobodyIsNotTold(t *testing.T) {
	eachDesk(t, func(d *desk) {
		c := d.connector("owners", tenancy.Manager)
		c.Target = provisioning.Target{Level: models.CompanyLevel}
		_, err := d.connectors.Save(d.Ctx, d.Actor("marieke"), c, anyway)
		d.must(err)
		d.comesIn("marieke", "staff") // the last manager, whom no connector gives the role
		before := len(d.jobs())
		d.move("viewer", true)
		d.catchUp(d.jobs()[before:]...)
		if list := d.applied(); len(list) != 0 {
			d.Errorf("told is %+v", list)
		}
	})
}

func (d *desk) applied() (list []store.Event) {
	d.World.System(func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND type = ?", d.Production.Company, event.FamilyApplied).Find(&list).Error
	})
	return list
}

func TestOfSeveralChangesOfAFamilyOnlyTheLastIsEvaluated(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner")
		before := len(d.jobs())
		d.move("viewer", true)
		d.move("auditor", true)
		jobs := d.jobs()[before:]
		if len(jobs) != 2 {
			d.Fatalf("queued is %+v", jobs)
		}
		d.catchUp(jobs[0])
		d.has("anna", "planner/rule")
		d.catchUp(jobs[1])
		d.has("anna", "viewer/rule")
		// What only names another family leaves it as it is.
		d.must(d.Companies.RenameFamily(d.Ctx, d.Actor("karin"), d.family.ID, "Work desk"))
		if len(d.jobs()) != before+2 {
			d.Error("a new name evaluates people")
		}
	})
}

// The rules that are kept compiled follow a family that another replica changed.
func TestASignInGoesByTheNewOrderAtOnce(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner")
		d.move("viewer", true)
		d.comesIn("anna", "staff", "viewer", "planner")
		d.has("anna", "viewer/rule")
	})
}

func TestRolesOfAFamilyAddUpAgainWithoutIt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner", "auditor")
		before := len(d.jobs())
		d.must(d.Companies.LeaveFamily(d.Ctx, d.Actor("karin"), d.family.ID, d.roles["auditor"]))
		d.catchUp(d.jobs()[before:]...)
		d.has("anna", "auditor/rule", "planner/rule")
		left := len(d.jobs())
		d.move("viewer", true)
		d.must(d.Companies.DeleteFamily(d.Ctx, d.Actor("karin"), d.family.ID))
		d.catchUp(d.jobs()[left]) // of a family that is gone since
		d.has("anna", "auditor/rule", "planner/rule")
		d.catchUp(d.jobs()[left+1:]...)
		d.has("anna", "auditor/rule", "planner/rule", "viewer/rule")
	})
}

// What comes from elsewhere than a connector is beside the family: the order
// decides among what connectors give.
func TestARoleByHandStandsBesideTheFamily(t *testing.T) {
	eachDesk(t, func(d *desk) {
		soon := models.At(d.Now().AddDate(0, 0, 7))
		d.must(d.Companies.GiveByHand(d.Ctx, d.Actor("marieke"), d.ID("anna"), tenancy.ByHand{Organization: d.Production.Organization, Role: d.roles["auditor"], EndsAt: &soon}))
		d.comesIn("anna", "staff", "viewer", "auditor")
		d.has("anna", "auditor/manual", "viewer/rule")
		d.comesIn("anna", "staff", "auditor")
		d.has("anna", "auditor/manual", "auditor/rule")
		// Without an end it goes where connectors decide, as every role by hand.
		d.must(d.Companies.GiveByHand(d.Ctx, d.Actor("marieke"), d.ID("anna"), tenancy.ByHand{Organization: d.Production.Organization, Role: d.roles["planner"]}))
		fights, _, err := d.connectors.Fights(d.Ctx, d.Actor("marieke"), d.ID("anna"))
		d.must(err)
		if len(fights) != 1 {
			d.Errorf("the roles by hand that fight a rule: %v", fights)
		}
		d.comesIn("anna", "staff", "viewer", "auditor")
		d.has("anna", "auditor/manual", "viewer/rule")
		d.must(d.Companies.SetPolicy(d.Ctx, d.Actor("marieke"), policy(tenancy.Additive, tenancy.NoMatchDefault)))
		d.must(d.Companies.GiveByHand(d.Ctx, d.Actor("marieke"), d.ID("anna"), tenancy.ByHand{Organization: d.Production.Organization, Role: d.roles["planner"]}))
		d.comesIn("anna", "staff", "viewer")
		d.has("anna", "auditor/manual", "planner/manual", "viewer/rule")
	})
}

func TestAPreviewShowsWhoMovesWithinAFamily(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "new")
		in := d.connector("new", d.roles["planner"])
		p, err := d.connectors.Preview(d.Ctx, d.Actor("marieke"), in)
		d.must(err)
		targets, err := d.connectors.Targets(d.Ctx, d.Actor("marieke"))
		d.must(err)
		if len(p.Changes) != 1 || len(p.Changes[0].Gained) != 1 || len(p.Changes[0].Lost) != 1 {
			d.Fatalf("the preview is %+v", p)
		}
		who := p.Changes[0]
		if first := who.First(who.Lost[0]); first != d.roles["planner"] {
			d.Errorf("the reason to lose is %q", d.keys[first])
		}
		if instead := targets.Instead(who.Applied, who.Gained[0]); instead != d.roles["viewer"] {
			d.Errorf("it comes in place of %q", d.keys[instead])
		}
		if lost := targets.Instead(who.Applied, who.Lost[0]); lost != d.roles["planner"] {
			d.Errorf("in its place comes %q", d.keys[lost])
		}
		if turn := targets.Turn(d.roles["viewer"]); len(turn) != 3 || turn[0].ID != d.roles["planner"] || len(targets.Turn(tenancy.Member)) != 0 {
			d.Errorf("the order is %+v", turn)
		}
		done, err := d.connectors.Save(d.Ctx, d.Actor("marieke"), in, anyway)
		d.must(err)
		changes := done.Changes
		if len(changes) != 1 || !slices.Equal(changes[0].Lost, who.Lost) || !slices.Equal(changes[0].Gained, who.Gained) {
			d.Errorf("saving did %+v", changes)
		}
		d.has("anna", "planner/rule")
	})
}

func TestWhyNotSaysWhichRoleComesFirstInTheFamily(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.comesIn("anna", "staff", "viewer", "planner")
		by := d.Actor("marieke")
		w, err := d.connectors.Why(d.Ctx, by, d.saved["viewer"].ID, d.ID("anna"))
		d.must(err)
		if w.Given || !w.Trace.Holds || w.First == nil || w.First.ID != d.saved["planner"].ID {
			d.Errorf("why not viewer: %+v", w)
		}
		if w, err = d.connectors.Why(d.Ctx, by, d.saved["planner"].ID, d.ID("anna")); err != nil || !w.Given || w.First != nil {
			d.Errorf("why planner: %+v %v", w, err)
		}
		if w, err = d.connectors.Why(d.Ctx, by, d.saved["auditor"].ID, d.ID("anna")); err != nil || w.Trace.Holds || w.First != nil {
			d.Errorf("why not auditor: %+v %v", w, err)
		}
		role, err := d.connectors.WhyRole(d.Ctx, by, d.ID("anna"), d.saved["viewer"].Target, d.roles["viewer"])
		d.must(err)
		if role.Has() || len(role.Connectors) != 1 || role.Connectors[0].First == nil || role.Connectors[0].First.Role != d.roles["planner"] {
			d.Errorf("why not the role: %+v", role)
		}
	})
}

func TestARoleOfAFamilyInPlaceOfADeletedOneIsEvaluated(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.register("clerk")
		d.save("clerk", d.roles["clerk"])
		d.comesIn("anna", "staff", "planner", "clerk")
		d.has("anna", "clerk/rule", "planner/rule")
		before := len(d.jobs())
		d.must(d.Companies.DeleteRole(d.Ctx, d.Actor("karin"), d.roles["clerk"], d.roles["viewer"]))
		d.has("anna", "planner/rule", "viewer/rule") // the grants moved with the role
		d.catchUp(d.jobs()[before:]...)
		d.has("anna", "planner/rule")
		// And a role of the family that goes leaves the others in their order.
		before = len(d.jobs())
		d.must(d.Companies.DeleteRole(d.Ctx, d.Actor("karin"), d.roles["planner"], tenancy.Member))
		d.catchUp(d.jobs()[before:]...)
		d.has("anna", "viewer/rule")
	})
}
