package vault_test

import (
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/vault"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// strong is a world, with what tests of its vault ask again and again.
type strong struct {
	*modelstest.World
	vault *vault.Vault
}

func each(t *testing.T, test func(t *testing.T, s strong)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(t, strong{w, w.Vault}) })
}

func (s strong) ok(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// make keeps a text in the organization where somebody works.
func (s strong) make(by, name, value string) vault.Secret {
	s.T.Helper()
	made, err := s.vault.Make(s.Ctx, s.Actor(by), vault.Draft{Name: name, Kind: vault.Text, Value: value})
	s.ok(err)
	return made
}

// reveals fails the test unless somebody is shown a value.
func (s strong) reveals(by string, of vault.Secret, number int, want string) {
	s.T.Helper()
	got, err := s.vault.Reveal(s.Ctx, s.Actor(by), of.ID, number)
	s.ok(err)
	if got.Text != want {
		s.T.Fatalf("version %d reads %q, want %q", number, got.Text, want)
	}
}

// role gives somebody a role in an organization that allows something there.
func (s strong) role(key, person string, at models.Party, may ...models.Permission) string {
	s.T.Helper()
	var made tenancy.Role
	s.System(func(tx *store.Tx) (err error) {
		made, err = tenancy.AddRole(tx, tenancy.Role{Level: models.OrganizationLevel, Key: key, Name: key}, may)
		if err != nil || person == "" {
			return err
		}
		return tenancy.Give(tx, tenancy.Grant{CompanyID: at.Company, OrganizationID: at.Organization, AccountID: s.ID(person), RoleID: made.ID, Source: tenancy.Manual}, person)
	})
	return made.ID
}
