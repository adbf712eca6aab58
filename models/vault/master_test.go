package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/vault"
)

func TestAWrongMasterKeyIsRefusedAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		made := s.make("karin", "Alarm code", "4711")
		other, err := secret.EphemeralMaster()
		s.ok(err)
		if err := vault.Admit(s.Ctx, s.Store, other); !errors.Is(err, vault.ErrOtherMaster) {
			t.Fatalf("another master key is let in: %v", err)
		}
		_, err = vault.New(s.Store, other).Reveal(s.Ctx, s.Actor("karin"), made.ID, 0)
		s.Wants(err, models.Unavailable, "vault.error.locked")
		s.reveals("karin", made, 0, "4711")
		if err := vault.Admit(s.Ctx, s.Store, s.Master); err != nil {
			t.Errorf("the right one is not let in any more: %v", err)
		}
	})
}

// replica is another program on the same database, with a copy of the master key
// file of its own.
func replica(t *testing.T, s strong, from string) (*vault.Vault, *secret.Master, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.json")
	carry(t, from, path)
	master, err := secret.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Admit(s.Ctx, s.Store, master); err != nil {
		t.Fatal(err)
	}
	return vault.New(s.Store, master), master, path
}

// carry copies a file, whole at once.
func carry(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(to+".new", to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The order of a rotation on several replicas: the new key is added, every replica
// gets the file, the key is made current and everything wrapped with it, and the
// old one is dropped. No replica is restarted, and each reads at each step.
func TestTheMasterKeyIsRotatedOnTwoReplicasWithoutARestart(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		s.System(func(tx *store.Tx) error { return tx.Where("id <> ''").Delete(&vault.MasterKey{}).Error }) // a database that knows none
		first := filepath.Join(t.TempDir(), "master.json")
		master, err := secret.CreateMaster(first)
		s.ok(err)
		if _, err := secret.CreateMaster(first); err == nil {
			t.Fatal("a master key file is written over")
		}
		s.ok(vault.Admit(s.Ctx, s.Store, master))
		s.vault = vault.New(s.Store, master)
		one, two := s.make("karin", "One", "first"), s.make("marieke", "Two", "second")
		far, farMaster, farPath := replica(t, s, first)
		read := func(step string) {
			t.Helper()
			for who, of := range map[string]vault.Secret{"karin": one, "marieke": two} {
				for name, v := range map[string]*vault.Vault{"the first": s.vault, "the second": far, "a new": vault.New(s.Store, farMaster)} {
					if _, err := v.Reveal(s.Ctx, s.Actor(who), of.ID, 0); err != nil {
						t.Fatalf("%s: %s replica does not read: %v", step, name, err)
					}
				}
			}
		}
		read("before")
		old := master.Keys()[0]
		next, err := master.Add()
		s.ok(err)
		read("added")
		carry(t, first, farPath)
		n, err := s.vault.RotateMaster(s.Ctx, next)
		s.ok(err)
		if n != 2 {
			t.Errorf("%d data keys are wrapped anew, and there are two", n)
		}
		read("rotated")
		// The second replica, which has the new key, makes a data key with it.
		_, err = far.Make(s.Ctx, s.Actor("sanne"), vault.Draft{Name: "Three", Kind: vault.Text, Value: "third"})
		s.ok(err)
		o, err := s.vault.Overview(s.Ctx)
		s.ok(err)
		for _, key := range o.Master {
			if key.Current != (key.ID == next) || (key.DataKeys == 3) != key.Current || (key.DataKeys == 0) == key.Current {
				t.Errorf("%+v", o)
			}
		}
		dropped, err := s.vault.DropMaster(s.Ctx)
		s.ok(err)
		if !slices.Equal(dropped, []string{old}) || !slices.Equal(master.Keys(), []string{next}) {
			t.Errorf("dropped %v, and %v are left", dropped, master.Keys())
		}
		carry(t, first, farPath)
		read("dropped")
		if _, err := s.vault.RotateMaster(s.Ctx, next); err != nil {
			t.Errorf("a rotation that is done cannot be run again: %v", err)
		}
	})
}

func TestAReplicaWithoutTheNewMasterKeyWrapsNothingAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		s.System(func(tx *store.Tx) error { return tx.Where("id <> ''").Delete(&vault.MasterKey{}).Error })
		first := filepath.Join(t.TempDir(), "master.json")
		master, err := secret.CreateMaster(first)
		s.ok(err)
		s.ok(vault.Admit(s.Ctx, s.Store, master))
		s.vault = vault.New(s.Store, master)
		behind, _, path := replica(t, s, first)
		next, err := master.Add()
		s.ok(err)
		_, err = s.vault.RotateMaster(s.Ctx, next)
		s.ok(err)
		in := vault.Draft{Name: "Alarm code", Kind: vault.Text, Value: "4711"}
		_, err = behind.Make(s.Ctx, s.Actor("karin"), in)
		s.Wants(err, models.Unavailable, "vault.error.locked")
		if n := s.Count(s.Zonneveld, event.SecretCreated); n != 0 {
			t.Error("it is recorded all the same")
		}
		carry(t, first, path)
		made, err := behind.Make(s.Ctx, s.Actor("karin"), in)
		s.ok(err)
		s.reveals("karin", made, 0, "4711")
	})
}

func TestDataKeysAreRotatedWhileSecretsAreRead(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		const secrets, times = 4, 12
		var made []vault.Secret
		for _, name := range []string{"a", "b", "c", "d"}[:secrets] {
			one := s.make("karin", name, "value of "+name)
			_, err := s.vault.Replace(s.Ctx, s.Actor("karin"), one.ID, 0, vault.Draft{Value: "newer " + name})
			s.ok(err)
			made = append(made, one)
		}
		second, by := vault.New(s.Store, s.Master), s.Actor("karin")
		var readers sync.WaitGroup
		for i, one := range made {
			readers.Go(func() {
				for n := range times {
					got, err := []*vault.Vault{s.vault, second}[n%2].Reveal(s.Ctx, by, one.ID, 1+n%2)
					if want := []string{"value of ", "newer "}[n%2] + one.Name; err != nil || got.Text != want {
						t.Errorf("reader %d reads %q instead of %q: %v", i, got.Text, want, err)
					}
				}
			})
		}
		for range 4 {
			if _, err := s.vault.RotateDataKeys(s.Ctx); err != nil {
				t.Error(err)
			}
			if err := second.Tend(s.Ctx); err != nil {
				t.Error(err)
			}
		}
		readers.Wait()
		s.ok(s.vault.Tend(s.Ctx))
		o, err := s.vault.Overview(s.Ctx)
		s.ok(err)
		if o.Live != 1 || o.Retired != 0 || o.Values != 0 {
			t.Errorf("%+v", o)
		}
		if n := s.Count(s.Zonneveld, event.SecretKeyRotated); n != 4 {
			t.Errorf("%d rotations are recorded", n)
		}
		s.reveals("karin", made[0], 1, "value of a")
	})
}

func TestAnOldDataKeyIsReplacedByItself(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		s.make("karin", "Alarm code", "4711")
		s.ok(s.vault.Tend(s.Ctx))
		if n := s.Count(s.Zonneveld, event.SecretKeyRotated); n != 0 {
			t.Fatal("a young key is replaced")
		}
		s.Advance(vault.DataKeyLife + 1e9)
		s.ok(s.vault.Tend(s.Ctx))
		if n := s.Count(s.Zonneveld, event.SecretKeyRotated); n != 1 {
			t.Fatalf("%d", n)
		}
	})
}

// A data key is made while the master key is rotated: it waits, and is wrapped with the
// new one.
func TestADataKeyThatWaitsForARotationIsWrappedWithTheNewMasterKey(t *testing.T) {
	s := strong{World: modelstest.New(t, "postgres")}
	s.vault = s.Vault
	next, err := s.Master.Add()
	s.ok(err)
	_, err = s.vault.RotateMaster(s.Ctx, next)
	s.ok(err)
	old := s.Master.Keys()[0]
	watch, err := pgx.Connect(s.Ctx, s.Address)
	s.ok(err)
	defer watch.Close(s.Ctx)
	made := make(chan error)
	s.System(func(tx *store.Tx) error { // as RotateMaster does, back to the old one
		for _, step := range []struct {
			where string
			to    bool
		}{{next, false}, {old, true}} {
			if err := tx.Model(&vault.MasterKey{}).Where("id = ?", step.where).Update("is_current", step.to).Error; err != nil {
				return err
			}
		}
		by := s.Actor("karin")
		go func() {
			_, err := s.vault.Make(s.Ctx, by, vault.Draft{Name: "Alarm code", Kind: vault.Text, Value: "4711"})
			made <- err
		}()
		for waits := false; !waits; {
			select {
			case err := <-made:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
			if err := watch.QueryRow(s.Ctx, "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	s.ok(<-made)
	o, err := s.vault.Overview(s.Ctx)
	s.ok(err)
	for _, key := range o.Master {
		if key.Current != (key.ID == old) || (key.DataKeys == 1) != key.Current {
			t.Errorf("%+v", o.Master)
		}
	}
}

// A rotation that another one overtakes stops, instead of wrapping to and fro.
func TestARotationThatWasOvertakenStops(t *testing.T) {
	each(t, func(t *testing.T, s strong) {
		s.make("karin", "Alarm code", "4711")
		first := s.Master.Keys()[0]
		next, err := s.Master.Add()
		s.ok(err)
		_, err = s.vault.RotateMaster(s.Ctx, next)
		s.ok(err)
		if _, err := s.vault.Rewrap(s.Ctx, first); !errors.Is(err, vault.ErrRotated) {
			t.Errorf("it goes on: %v", err)
		}
	})
}
