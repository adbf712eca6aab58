package provisioning

import (
	"errors"
	"slices"
	"testing"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Who works by a set-up link writes connectors, but none that gives a role that
// manages: with it he would stay when the link is over.
func TestALinkGivesNoRoleThatManages(t *testing.T) {
	w := newWorld(t)
	ilse := models.Actor{Session: "mds_1", Name: "Ilse Brouwer", Effective: w.marieke.Effective, Permissions: models.Permissions{models.ManageConnectors},
		Mandate: &models.Mandate{ID: "mdt_1", Kind: models.LinkMandate}}
	operator := ilse
	operator.Mandate = &models.Mandate{ID: "mdt_2", Kind: models.OperatorMandate}
	desk := tenancy.Role{ID: models.NewID("rol"), Level: models.OrganizationLevel, Key: "desk", Name: "Front desk", Permissions: `["members.manage"]`, CreatedAt: models.At(w.store.Now())}
	w.system(func(tx *store.Tx) error { return tx.Create(&desk).Error })
	rule := func(level models.Level, role string) Connector {
		c := Connector{Name: "Admins", State: On, Role: role, Target: Target{Level: level},
			Condition: Condition{All: []Condition{{Attribute: GroupAttribute, Operator: Is, Value: "Admins"}}}}
		if level == models.OrganizationLevel {
			c.Target.Organization = w.production.ID
		}
		return c
	}
	refused := func(err error) bool {
		var wrong *models.Error
		return errors.As(err, &wrong) && (wrong.Fields["role"].Key == "provisioning.error.role_by_link" || wrong.Key == "provisioning.error.role_by_link")
	}
	for _, c := range []Connector{rule(models.CompanyLevel, tenancy.Manager), rule(models.OrganizationLevel, tenancy.Superuser), rule(models.OrganizationLevel, desk.ID)} {
		if _, err := w.connectors.Save(w.ctx, ilse, c, anyway); !refused(err) {
			t.Errorf("%s by a link: %v", c.Role, err)
		}
	}
	made, err := w.connectors.Save(w.ctx, ilse, rule(models.OrganizationLevel, tenancy.Member), anyway)
	saved := made.Saved
	if err != nil || saved.CreatedByName != "Ilse Brouwer" {
		t.Fatalf("%+v: %v", saved, err)
	}
	if _, err := w.connectors.Save(w.ctx, ilse, rule(models.CompanyLevel, tenancy.Employee), anyway); err != nil {
		t.Errorf("the company's default role: %v", err)
	}
	// One that gives such a role is not turned into something else, nor taken away.
	published, err := w.connectors.Save(w.ctx, operator, rule(models.OrganizationLevel, tenancy.Superuser), anyway)
	if err != nil {
		t.Fatalf("an operator: %v", err)
	}
	high := published.Saved
	if _, err := w.connectors.Undo(w.ctx, ilse, published.Run.ID, anyway); models.KindOf(err) != models.Forbidden {
		t.Errorf("undone by a link: %v", err)
	}
	if _, err := w.connectors.Delete(w.ctx, ilse, high.ID, anyway); !refused(err) || models.KindOf(err) != models.Conflict {
		t.Errorf("deleted by a link: %v", err)
	}
	if err := tenancy.NewCompanies(w.store).SetPolicy(w.ctx, ilse, tenancy.StandardPolicy); models.KindOf(err) != models.Forbidden {
		t.Errorf("how roles are given, by a link: %v", err)
	}
	lower := high.Connector
	lower.Role = tenancy.Member
	if _, err := w.connectors.Save(w.ctx, ilse, lower, anyway); !refused(err) {
		t.Errorf("changed by a link: %v", err)
	}
	if _, err := w.connectors.Delete(w.ctx, ilse, saved.ID, anyway); err != nil {
		t.Errorf("her own: %v", err)
	}
}

// TestALinkTakesNoRoleThatManages: with a rule at the company, roles by hand go.
func TestALinkTakesNoRoleThatManages(t *testing.T) {
	w := newWorld(t)
	w.comesIn("Anna Visser", "Staff")
	w.system(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: w.marieke.Effective.Company, AccountID: w.people["Anna Visser"].ID, RoleID: tenancy.Manager, Source: tenancy.Manual}, "Anna Visser")
	})
	staff := Connector{Name: "Staff", State: On, Role: tenancy.Employee, Target: Target{Level: models.CompanyLevel}, Condition: is("group", "Staff")}
	ilse := w.marieke
	ilse.Account, ilse.Session, ilse.Real, ilse.Name = "", "mds_1", models.Party{}, "Ilse Brouwer"
	ilse.Mandate = &models.Mandate{ID: "mdt_1", Kind: models.LinkMandate, ByName: "Marieke de Vries"}
	ilse.Permissions = models.Permissions{models.ManageConnectors}
	_, err := w.connectors.Save(w.ctx, ilse, staff, anyway)
	if models.KindOf(err) != models.Conflict || !slices.Contains(w.holds("Anna Visser"), "manager/manual") {
		t.Fatalf("%v, and she holds %q", err, w.holds("Anna Visser"))
	}
	done, err := w.connectors.Save(w.ctx, w.marieke, staff, anyway)
	if err != nil || slices.Contains(w.holds("Anna Visser"), "manager/manual") {
		t.Fatalf("by the manager: %v", err)
	}
	if _, err := w.connectors.Undo(w.ctx, ilse, done.Run.ID, anyway); models.KindOf(err) != models.Forbidden {
		t.Errorf("a link undoes what a manager did: %v", err)
	}
}
