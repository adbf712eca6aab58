package vault_test

import (
	"slices"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/vault"
)

func TestVersionsAreKeptRevealedRestoredAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Router password", "first")
		in := vault.Draft{Value: "second"}
		now, err := s.vault.Replace(s.Ctx, s.Actor("karin"), made.ID, 1, in)
		s.ok(err)
		if now.Version != 2 {
			t.Fatalf("version %d", now.Version)
		}
		_, err = s.vault.Replace(s.Ctx, s.Actor("pim"), made.ID, 1, in)
		s.Wants(err, models.Conflict, "vault.error.changed")
		s.reveals("karin", made, 0, "second")
		s.reveals("karin", made, 1, "first")

		_, err = s.vault.RemoveVersion(s.Ctx, s.Actor("karin"), made.ID, 2)
		s.Wants(err, models.Conflict, "vault.error.version_current")
		now, err = s.vault.Restore(s.Ctx, s.Actor("karin"), made.ID, 1)
		s.ok(err)
		if now.Version != 3 {
			t.Fatalf("version %d", now.Version)
		}
		s.reveals("karin", made, 0, "first")
		_, err = s.vault.RemoveVersion(s.Ctx, s.Actor("karin"), made.ID, 2)
		s.ok(err)
		_, err = s.vault.Reveal(s.Ctx, s.Actor("karin"), made.ID, 2)
		s.Wants(err, models.Conflict, "vault.error.version_removed")
		_, err = s.vault.Restore(s.Ctx, s.Actor("karin"), made.ID, 2)
		s.Wants(err, models.Conflict, "vault.error.version_removed")
		_, err = s.vault.Reveal(s.Ctx, s.Actor("karin"), made.ID, 9)
		s.Wants(err, models.NotFound, "error.not_found")

		d, err := s.vault.Get(s.Ctx, s.Actor("karin"), made.ID)
		s.ok(err)
		if len(d.Versions) != 3 || d.Current().RestoredFrom != 1 || d.Versions[1].RemovedByName != "Karin Schouten" || len(d.Uses) != 3 {
			t.Errorf("%+v", d)
		}
		s.System(func(tx *store.Tx) error {
			var removed vault.Version
			err := tx.Where("secret_id = ? AND number = 2", made.ID).Take(&removed).Error
			if removed.Sealed != "" || removed.DataKeyID != nil {
				t.Error("the value of a removed version is still there")
			}
			return err
		})
		_, err = s.vault.Remove(s.Ctx, s.Actor("karin"), made.ID)
		s.ok(err)
		_, err = s.vault.Get(s.Ctx, s.Actor("karin"), made.ID)
		s.Wants(err, models.NotFound, "error.not_found")
		want := []string{event.SecretCreated, event.SecretReplaced, event.SecretRevealed, event.SecretRevealed, event.SecretRestored, event.SecretRevealed, event.SecretVersionRemoved, event.SecretRemoved}
		got := slices.DeleteFunc(s.Events(s.Zonneveld), func(kind string) bool { return !slices.Contains(want, kind) })
		if !slices.Equal(got, want) {
			t.Errorf("events %v", got)
		}
	})
}

func TestTheWallBetweenOrganizations(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		mine := s.make("karin", "Alarm code", "4711")
		there := s.make("marieke", "Alarm code", "0815") // the same name elsewhere is no other's business
		for what, err := range map[string]error{
			"get": second(s.vault.Get(s.Ctx, s.Actor("marieke"), mine.ID)), "reveal": second(s.vault.Reveal(s.Ctx, s.Actor("marieke"), mine.ID, 0)),
			"replace": second(s.vault.Replace(s.Ctx, s.Actor("marieke"), mine.ID, 0, vault.Draft{Value: "x"})), "restore": second(s.vault.Restore(s.Ctx, s.Actor("marieke"), mine.ID, 1)),
			"change": second(s.vault.Change(s.Ctx, s.Actor("marieke"), mine.ID, vault.Draft{Name: "x"})), "remove": second(s.vault.Remove(s.Ctx, s.Actor("marieke"), mine.ID)),
			"version": second(s.vault.RemoveVersion(s.Ctx, s.Actor("marieke"), mine.ID, 1)),
		} {
			if models.KindOf(err) != models.NotFound || err == nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		// Another organization of the same company is as far away.
		s.Switch("marieke", s.Acceptance)
		_, err := s.vault.Reveal(s.Ctx, s.Actor("marieke"), there.ID, 0)
		s.Wants(err, models.NotFound, "error.not_found")
		list, err := s.vault.List(s.Ctx, s.Actor("marieke"))
		s.ok(err)
		if len(list) != 0 {
			t.Errorf("Acceptance lists %v", list)
		}
		s.reveals("karin", mine, 0, "4711")
	})
}

func second[T any](_ T, err error) error { return err }

func TestACiphertextThatWasMovedDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		one, other := s.make("karin", "One", "first"), s.make("karin", "Other", "second")
		_, err := s.vault.Replace(s.Ctx, s.Actor("karin"), one.ID, 0, vault.Draft{Value: "third"})
		s.ok(err)
		far := s.make("marieke", "Far", "fourth")
		sealed := func(id string, number int) (row vault.Version) {
			s.System(func(tx *store.Tx) error { return tx.Where("secret_id = ? AND number = ?", id, number).Take(&row).Error })
			return row
		}
		put := func(id string, number int, row vault.Version) {
			s.System(func(tx *store.Tx) error {
				return tx.Model(&vault.Version{}).Where("secret_id = ? AND number = ?", id, number).Updates(map[string]any{"sealed": row.Sealed}).Error
			})
		}
		good := sealed(one.ID, 2)
		for what, from := range map[string]vault.Version{"another secret": sealed(other.ID, 1), "another version": sealed(one.ID, 1), "another organization": sealed(far.ID, 1)} {
			put(one.ID, 2, from)
			got, err := s.vault.Reveal(s.Ctx, s.Actor("karin"), one.ID, 0)
			if models.KindOf(err) != models.Internal || err == nil || got.Text != "" {
				t.Errorf("the value of %s opens: %q, %v", what, got.Text, err)
			}
		}
		put(one.ID, 2, good)
		s.reveals("karin", one, 0, "third")
		if n := s.Count(s.Zonneveld, event.SecretRevealed); n != 1 {
			t.Errorf("%d reveals are recorded, and one value was given", n)
		}
	})
}

// Whoever can write to the database, and has a role in an organization, is given nothing
// of another one: neither by moving its data key nor by moving everything.
func TestADataKeyThatWasMovedOpensAndSealsNothing(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		s.make("karin", "Near", "first")
		far := s.make("marieke", "Far", "second")
		s.System(func(tx *store.Tx) error {
			var zonneveld vault.DataKey
			if err := tx.Where("organization_id = ?", s.Zonneveld.Organization).Take(&zonneveld).Error; err != nil {
				return err
			}
			return tx.Model(&vault.DataKey{}).Where("organization_id = ?", s.Production.Organization).Update("wrapped", zonneveld.Wrapped).Error
		})
		if _, err := s.vault.Reveal(s.Ctx, s.Actor("marieke"), far.ID, 0); err == nil {
			t.Error("a moved data key opens")
		}
		if _, err := s.vault.Make(s.Ctx, s.Actor("marieke"), vault.Draft{Name: "New", Kind: vault.Text, Value: "third"}); err == nil {
			t.Error("a secret is sealed with the key of another organization")
		}
	})
}

func TestASecretThatWasMovedWithItsKeyDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("marieke", "Till token", "first")
		s.System(func(tx *store.Tx) error {
			for _, table := range []string{"secrets", "secret_versions", "data_keys"} {
				err := tx.Table(table).Where("company_id = ? AND organization_id = ?", s.Production.Company, s.Production.Organization).
					Update("organization_id", s.Acceptance.Organization).Error
				if err != nil {
					return err
				}
			}
			return nil
		})
		s.Switch("marieke", s.Acceptance)
		got, err := s.vault.Reveal(s.Ctx, s.Actor("marieke"), made.ID, 0)
		if err == nil || got.Text != "" {
			t.Errorf("it opens: %q", got.Text)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Bank token", "tok-1")
		_, err := s.vault.List(s.Ctx, s.Actor("ria"))
		s.Wants(err, models.Forbidden, "error.forbidden")
		s.role("keeper", "ria", s.Zonneveld, models.UseSecrets)
		if list, err := s.vault.List(s.Ctx, s.Actor("ria")); err != nil || len(list) != 1 {
			t.Fatalf("who may use secrets sees %v, %v", list, err)
		}
		s.reveals("ria", made, 0, "tok-1")
		_, err = s.vault.Replace(s.Ctx, s.Actor("ria"), made.ID, 0, vault.Draft{Value: "x"})
		s.Wants(err, models.Forbidden, "error.forbidden")
		_, err = s.vault.Remove(s.Ctx, s.Actor("ria"), made.ID)
		s.Wants(err, models.Forbidden, "error.forbidden")
	})
}

func TestWhoRevealsShowsLatelyWhoHeIs(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Bank token", "tok-1")
		s.reveals("karin", made, 0, "tok-1")
		s.Advance(vault.ProofLife + time.Second)
		_, err := s.vault.Reveal(s.Ctx, s.Actor("karin"), made.ID, 0)
		if !vault.NeedsProof(err) || !vault.NeedsProof(s.vault.Ready(s.Ctx, s.Actor("karin"))) {
			t.Fatalf("an old sign-in reveals: %v", err)
		}
		s.NewSession("karin")
		s.reveals("karin", made, 0, "tok-1")
		// With a passkey a code is not enough.
		s.System(func(tx *store.Tx) error {
			return tx.Table("passkeys").Create(map[string]any{"id": "psk_1", "account_id": s.ID("karin"), "name": "Key", "credential_id": "c", "public_key": "p", "created_at": models.At(s.Now())}).Error
		})
		_, err = s.vault.Reveal(s.Ctx, s.Actor("karin"), made.ID, 0)
		if !vault.NeedsProof(err) {
			t.Fatalf("a code reveals, though there is a passkey: %v", err)
		}
		session := s.Actor("karin").Session
		s.System(func(tx *store.Tx) error {
			return tx.Table("sessions").Where("id = ?", session).Updates(map[string]any{"second_factor": "passkey", "second_factor_at": models.At(s.Now())}).Error
		})
		s.reveals("karin", made, 0, "tok-1")
		s.Advance(vault.ProofLife + time.Second)
		if _, err := s.vault.Reveal(s.Ctx, s.Actor("karin"), made.ID, 0); !vault.NeedsProof(err) {
			t.Fatalf("an old passkey reveals: %v", err)
		}
	})
}
