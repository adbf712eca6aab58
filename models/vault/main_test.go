package vault_test

import (
	"errors"
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/vault"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// strong is a world with a vault.
type strong struct {
	*modelstest.World
	master *secret.Master
	vault  *vault.Vault
}

// newStrong opens a vault on a database.
func newStrong(t testing.TB, database string) strong {
	t.Helper()
	s := strong{World: modelstest.New(t, database)}
	var err error
	if s.master, err = secret.EphemeralMaster(); err != nil {
		t.Fatal(err)
	}
	if err := vault.Admit(s.Ctx, s.Store, s.master); err != nil {
		t.Fatal(err)
	}
	s.vault = vault.New(s.Store, s.master)
	return s
}

func each(t *testing.T, test func(t *testing.T, s strong)) {
	t.Helper()
	for _, name := range modelstest.Databases {
		t.Run(name, func(t *testing.T) { test(t, newStrong(t, name)) })
	}
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

func fields(err error) models.FieldErrors {
	var e *models.Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}
