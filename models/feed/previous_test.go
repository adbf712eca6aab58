package feed_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/vault"
)

// withoutPrevious are types that tell of a change, and why their body says nothing of
// what was before.
var withoutPrevious = map[string]string{
	event.ConnectionChanged:     "it says what was done to keys and metadata, which nobody is told",
	event.DirectoryChanged:      "it has one setting, which is the opposite of before",
	event.DirectoryUserUpdated:  "its shape is published and has no place for it",
	event.DirectoryGroupUpdated: "its shape is published and has no place for it",
}

// changes make the change that each other type tells of, and give the names that its
// previous_attributes has.
var changes = map[string]struct {
	make func(w *modelstest.World) error
	was  []string
}{
	event.AccountChanged: {func(w *modelstest.World) error {
		return account.NewAccounts(w.Store).Save(w.Ctx, w.Actor("jan"), account.Settings{Name: "Jan Hoekstra", Language: "en", TimeZone: "Europe/Amsterdam"})
	}, []string{"name"}},
	event.CompanyChanged: {func(w *modelstest.World) error { return w.Companies.SetSilence(w.Ctx, w.Actor("marieke"), 24) }, []string{"silent_hours"}},
	event.OrganizationChanged: {func(w *modelstest.World) error {
		o, err := w.Members.Organization(w.Ctx, w.Actor("jan"))
		if err != nil {
			return err
		}
		return w.Members.Configure(w.Ctx, w.Actor("jan"), tenancy.Settings{Name: o.Name, Hue: o.Hue, TimeZone: o.TimeZone, IdleHours: 3, ReasonRequired: o.ReasonRequired})
	}, []string{"idle_hours"}},
	event.ApplicationChanged: {func(w *modelstest.World) error {
		a, err := w.Companies.RegisterApplication(w.Ctx, w.Actor("olga"), tenancy.Application{Key: "till", Name: "Till"})
		if err != nil {
			return err
		}
		a.Name = "Tills"
		return w.Companies.EditApplication(w.Ctx, w.Actor("olga"), a)
	}, []string{"name"}},
	event.RoleChanged: {func(w *modelstest.World) error {
		r, err := w.Companies.RegisterRole(w.Ctx, w.Actor("olga"), tenancy.Role{Level: models.OrganizationLevel, Key: "baker", Name: "Baker"})
		if err != nil {
			return err
		}
		return w.Companies.EditRole(w.Ctx, w.Actor("olga"), r, models.ManageMembers)
	}, []string{"permissions"}},
	event.FamilyChanged: {func(w *modelstest.World) error {
		r, err := w.Companies.RegisterRole(w.Ctx, w.Actor("olga"), tenancy.Role{Level: models.OrganizationLevel, Key: "baker", Name: "Baker"})
		if err != nil {
			return err
		}
		f, err := w.Companies.RegisterFamily(w.Ctx, w.Actor("olga"), tenancy.Family{Level: models.OrganizationLevel, Name: "Bakery"}, []string{r.ID, tenancy.Member})
		if err != nil {
			return err
		}
		return w.Companies.RenameFamily(w.Ctx, w.Actor("olga"), f.ID, "Bakeries")
	}, []string{"name"}},
	event.SeatsChanged: {func(w *modelstest.World) error {
		return w.Companies.SetSeats(w.Ctx, w.Actor("olga"), w.Production.Company, 40)
	}, []string{"seats"}},
	event.DelegationExtended: {func(w *modelstest.World) error {
		d := w.Delegate("jan", "sanne", delegation.Week)
		return w.Delegations.Extend(w.Ctx, w.Actor("jan"), d.ID, d.Version, delegation.Month, "")
	}, []string{"ends_at"}},
	event.DelegationAmended: {func(w *modelstest.World) error {
		d := w.Delegate("jan", "sanne", delegation.Week)
		_, err := w.Delegations.Amend(w.Ctx, w.Actor("jan"), d.ID, d.Version, delegation.Proposal{Period: delegation.Keep, Ticket: "INV-1"})
		return err
	}, []string{"ticket"}},
	event.DelegationWatchChanged: {func(w *modelstest.World) error {
		d := w.Delegate("jan", "sanne", delegation.Week)
		return w.Delegations.Watch(w.Ctx, w.Actor("jan"), d.ID, delegation.Watch{Mode: tenancy.Digest})
	}, []string{"mode"}},
	event.WatchDefaultChanged: {func(w *modelstest.World) error {
		return w.Delegations.SetWatchDefault(w.Ctx, w.Actor("jan"), tenancy.Digest)
	}, []string{"mode"}},
	event.FirmExtended: {func(w *modelstest.World) error {
		w.System(func(tx *store.Tx) error {
			now := models.At(tx.Now())
			return tx.Create(&tenancy.Domain{CompanyID: w.Kade.Company, ID: "dom_kade", Name: "kade.example", Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
		})
		f, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("jan"), delegation.FirmProposal{Firm: "kade.example", People: 2, Period: delegation.Week})
		if err != nil {
			return err
		}
		_, err = w.Delegations.ExtendFirm(w.Ctx, w.Actor("jan"), f.ID, f.Version, delegation.Month, "")
		return err
	}, []string{"ends_at"}},
	event.SecretChanged: {func(w *modelstest.World) error {
		made, err := w.Vault.Make(w.Ctx, w.Actor("jan"), vault.Draft{Name: "Door code", Kind: vault.Text, Value: "4711"})
		if err != nil {
			return err
		}
		_, err = w.Vault.Change(w.Ctx, w.Actor("jan"), made.ID, vault.Draft{Name: "Code of the door"})
		return err
	}, []string{"name"}},
}

// elsewhere are types whose change is made, and held against this, in the tests of
// the packages that come after.
var elsewhere = []string{event.ConnectorChanged, event.WebhookChanged, event.ClientChanged}

func TestWhatChangesSomethingTellsWhatWasBefore(t *testing.T) {
	for _, kind := range event.Types {
		_, what, _ := strings.Cut(kind, ".")
		tells := strings.HasSuffix(what, "changed") || strings.HasSuffix(what, "updated") || what == "extended" || what == "amended"
		_, made := changes[kind]
		if listed := made || withoutPrevious[kind] != "" || slices.Contains(elsewhere, kind); tells != listed {
			t.Errorf("%s tells of a change: %v, and stands in the lists of this test: %v", kind, tells, listed)
		}
	}
	for kind, c := range changes {
		t.Run(kind, func(t *testing.T) {
			w := modelstest.New(t, "sqlite")
			w.Person("olga", "Olga Brandt", "olga@hub.example")
			w.System(func(tx *store.Tx) error {
				return tx.Model(&account.Account{}).Where("id = ?", w.ID("olga")).Update("operator", true).Error
			})
			if err := c.make(w); err != nil {
				t.Fatal(err)
			}
			var row store.Event
			w.System(func(tx *store.Tx) error {
				return tx.Where("type = ?", kind).Order("position DESC").Take(&row).Error
			})
			text, err := feed.Body(row, feed.Names{})
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				Previous map[string]any `json:"previous_attributes"`
			}
			if err := json.Unmarshal(text, &body); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(slices.Sorted(maps.Keys(body.Previous))); got != fmt.Sprint(c.was) {
				t.Errorf("it was %s, want %v:\n%s", got, c.was, text)
			}
		})
	}
}
