package directory_test

import (
	"net/http"
	"testing"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/directory"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// matched has a directory know somebody by his account, who got a role by it.
func (d desk) matched(c directory.Client, user, key string) {
	d.System(func(tx *store.Tx) error {
		return tx.Model(&directory.User{}).Where("company_id = ? AND id = ?", c.CompanyID, user).Update("account_id", d.ID(key)).Error
	})
}

// removes sends the form that removes a directory.
func removes(b *webtest.Browser, page, name, decision, people string) webtest.Answer {
	return b.Post(page+"/remove", "confirm", name, "decision", decision, "people", people)
}

func TestADirectoryIsRemovedByItsNameAndTheNumberOfPeople(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	page, token := d.made("Okta", directory.Okta)
	client := d.client(token)
	d.matched(client, d.user(client, "anna"), "anna")
	d.user(client, "koen") // whom no account is known of
	b.Get(page).Links(page + "/remove")
	asked := b.Get(page + "/remove")
	asked.Says("Remove Okta?", "refused with 401", "What becomes of the roles of 1 person?", "type 1", "Type the name of the directory: Okta")
	asked.Page(http.StatusOK).One("input[name=decision][value=keep][checked]")

	for _, wrong := range []struct{ name, decision, people, field, says string }{
		{"", "keep", "", "confirm", "Type the directory's name: Okta."},
		{"okta", "keep", "", "confirm", "Type the directory's name: Okta."},
		{"Okta", "take", "", "people", "Type 1: the people who may lose roles."},
		{"Okta", "take", "2", "people", "Type 1: the people who may lose roles."},
		{"Okta", "take", "one", "people", "Type 1: the people who may lose roles."},
		{"Okta", "", "", "people", "Type 1: the people who may lose roles."}, // whoever chose nothing
	} {
		answer := removes(b, page, wrong.name, wrong.decision, wrong.people)
		shown := answer.Page(http.StatusUnprocessableEntity)
		answer.Says(wrong.says)
		if uitest.Attr(shown.One("#"+wrong.field), "aria-invalid") != "true" {
			t.Errorf("%v: the error is not at %s", wrong, wrong.field)
		}
		if got := uitest.Attr(shown.One("#people"), "value"); got != wrong.people {
			t.Errorf("%q was typed, and %q is there", wrong.people, got)
		}
		if wrong.decision != "" {
			shown.One("input[name=decision][value=" + wrong.decision + "][checked]")
		}
	}
	both := removes(b, page, "Entra", "take", "7").Page(http.StatusUnprocessableEntity)
	if links := uitest.Inside(both.One("#errors"), "a"); len(links) != 2 {
		t.Errorf("%d errors are named", len(links))
	}
	if _, err := d.directories.Authenticate(d.Ctx, token); err != nil {
		t.Fatalf("what was refused shut the directory: %v", err)
	}

	removes(b, page, " Okta ", "take", "1").GoesTo(list)
	if _, err := d.directories.Authenticate(d.Ctx, token); models.KindOf(err) != models.Unauthenticated {
		t.Errorf("its token answers %v", err)
	}
	// Its people are still gone through, and it is nowhere any more.
	b.Get(list).Says("Okta is removed", "No directory yet")
	b.Get(page).Wants(http.StatusNotFound)
	removes(b, page, "Okta", "take", "1").Wants(http.StatusNotFound)
	d.must(d.directories.Advance(d.Ctx))
	b.Get(list).Says("No directory yet")
}

// TestRemovingADirectoryLeavesOrTakesTheRoles as it was chosen.
func TestRemovingADirectoryLeavesOrTakesTheRoles(t *testing.T) {
	for decision, kept := range map[string]bool{"keep": true, "take": false} {
		t.Run(decision, func(t *testing.T) {
			d := newDesk(t)
			page, token := d.made("Okta", directory.Okta)
			client := d.client(token)
			d.matched(client, d.user(client, "eva"), d.byRule("eva"))
			removes(d.As("marieke"), page, "Okta", decision, "1").GoesTo(list)
			d.must(d.directories.Advance(d.Ctx))
			if got := d.holdsByRule("eva"); got != kept {
				t.Errorf("the role is there: %v", got)
			}
		})
	}
}

// byRule makes somebody whose role came from a rule.
func (d desk) byRule(key string) string {
	d.Person(key, "Eva Bakker", "eva@devries.example")
	d.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: d.Production.Company, OrganizationID: d.Production.Organization, AccountID: d.ID(key), RoleID: tenancy.Member, Source: tenancy.Rule}, "Eva Bakker")
	})
	return key
}

func (d desk) holdsByRule(key string) (holds bool) {
	d.System(func(tx *store.Tx) error {
		var n int64
		err := tx.Model(&tenancy.Grant{}).Where("account_id = ? AND source = ?", d.ID(key), tenancy.Rule).Count(&n).Error
		holds = n > 0
		return err
	})
	return holds
}

func TestADirectoryThatKnowsNobodyAsksForItsNameOnly(t *testing.T) {
	d := newDesk(t)
	page, token := d.made("Okta", directory.Okta)
	d.user(d.client(token), "koen")
	asked := d.As("marieke").Get(page + "/remove")
	asked.Says("nobody loses a role")
	asked.Page(http.StatusOK).None("input[name=decision]")
	asked.Page(http.StatusOK).None("#people")
	d.As("marieke").Post(page+"/remove", "confirm", "Okta").GoesTo(list)
}

// TestTheDirectoryLeadsToTheRolesOfItsGroups, and a list of several does.
func TestTheDirectoryLeadsToTheRolesOfItsGroups(t *testing.T) {
	d := newDesk(t)
	page, _ := d.made("Okta", directory.Okta)
	for _, at := range []string{page, list} {
		shown := d.As("marieke").Get(at)
		shown.Links(list + "/mapping")
		shown.Links(list + "/migrate")
	}
	d.made("Entra ID", directory.Entra)
	several := d.As("marieke").Get(list)
	several.Links(list + "/mapping")
	several.Links(list + "/migrate")
}
