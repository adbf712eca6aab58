package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"locum/models/access"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/vault"
)

// openMaster reads the master key, and makes it where the database knows none. A
// lost one is never made again: every secret would be lost with it.
func openMaster(ctx context.Context, s *store.Store, path string, log *slog.Logger) (*secret.Master, error) {
	known, err := vault.Sealed(ctx, s)
	if err != nil {
		return nil, err
	}
	var master *secret.Master
	if _, missing := os.Stat(path); !known && errors.Is(missing, os.ErrNotExist) {
		if master, err = secret.CreateMaster(path); err == nil {
			log.Info("made a master key for the organizations' secrets: keep a copy of it apart from the database", "file", path)
		}
	} else {
		master, err = secret.LoadMaster(path)
	}
	if err == nil {
		err = vault.Admit(ctx, s, master)
	}
	return master, explainMaster(err, path)
}

// explainMaster says what to do about a master key that is missing, unreadable or
// another one.
func explainMaster(err error, path string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vault.ErrOtherMaster):
		return fmt.Errorf("the master key file %s does not fit: %w. Put back the one that the secrets were sealed with, from a backup or from another replica; no new one can open them. The setting is LOCUM_MASTER_KEY, for example LOCUM_MASTER_KEY=/etc/locum/master.json", path, err)
	}
	return fmt.Errorf("%w. Put back the one that this database was used with, from a backup or from another replica; no new one can open its secrets. The setting is LOCUM_MASTER_KEY, for example LOCUM_MASTER_KEY=/etc/locum/master.json", err)
}

// keys looks after the master key and the data keys.
type keys struct {
	List   listKeys   `cmd:"" default:"withargs" help:"List the master keys and how many data keys each wraps."`
	Rotate rotateKeys `cmd:"" help:"Wrap every data key with another master key. With several replicas: 'rotate --prepare', put the file on each of them, 'rotate', put it there again."`
	Drop   dropKeys   `cmd:"" help:"Take the master keys out of the file that wrap nothing any more. Backups of the database from before the rotation can then not be read with it."`
}

// locked is what every command about keys opens.
type locked struct {
	database `embed:""`
	keyFiles `embed:""`

	out io.Writer // standard output when nil
}

func (l *locked) say(format string, args ...any) {
	out := l.out
	if out == nil {
		out = os.Stdout
	}
	fmt.Fprintf(out, format+"\n", args...)
}

// with opens the database and the master key for a command. It makes neither.
func (l *locked) with(ctx context.Context, do func(*vault.Vault, *secret.Master) error) error {
	s, err := store.Open(ctx, store.Config{URL: l.url(), Derive: access.Derive})
	if err != nil {
		return l.explain(unopened{err})
	}
	defer s.Close()
	path := l.in(l.database).MasterKey
	known, err := vault.Sealed(ctx, s)
	if err != nil {
		return err
	}
	if !known {
		return errors.New("this database was never used with a master key: `locum serve` makes one")
	}
	master, err := secret.LoadMaster(path)
	if err == nil {
		err = vault.Admit(ctx, s, master)
	}
	if err != nil {
		return explainMaster(err, path)
	}
	return do(vault.New(s, master), master)
}

type listKeys struct {
	locked `embed:""`
}

// Run lists every key.
func (l *listKeys) Run(ctx context.Context) error {
	return l.with(ctx, func(v *vault.Vault, master *secret.Master) error {
		o, err := v.Overview(ctx)
		if err != nil {
			return err
		}
		l.say("Master keys, in %s:", master.Path())
		for _, key := range o.Master {
			l.say("  %-12s %-9s wraps %d data keys%s", key.ID, stateOf(key), key.DataKeys, absent(key))
		}
		l.say("Data keys: %d in use, %d retired with %d values that wait to be sealed anew.", o.Live, o.Retired, o.Values)
		return nil
	})
}

func stateOf(key vault.KeyUse) string {
	switch {
	case key.Current:
		return "current"
	case !key.Known:
		return "prepared"
	}
	return "old"
}

func absent(key vault.KeyUse) string {
	if key.InFile {
		return ""
	}
	return ", not in the file"
}

type rotateKeys struct {
	locked   `embed:""`
	Prepare  bool `help:"Only add the new master key to the file. Nothing is wrapped with it until 'rotate' is run, once every replica has the file."`
	DataKeys bool `help:"Give every organization another data key too. A hub that serves seals what the old ones hold anew."`
}

// Run rotates the master key, a prepared one first.
func (r *rotateKeys) Run(ctx context.Context) error {
	return r.with(ctx, func(v *vault.Vault, master *secret.Master) error {
		key, err := r.prepared(ctx, v, master)
		if err != nil {
			return err
		}
		if r.Prepare {
			r.say("Master key %s is in %s, and wraps nothing yet.", key, master.Path())
			r.say("Put the file on every replica, then run `locum keys rotate`. None has to be restarted.")
			return nil
		}
		wrapped, err := v.RotateMaster(ctx, key)
		if err != nil {
			return fmt.Errorf("the rotation was cut short; run it again: %w", err)
		}
		r.say("Master key %s is current; %d data keys are wrapped with it now.", key, wrapped)
		if r.DataKeys {
			n, err := v.RotateDataKeys(ctx)
			if err != nil {
				return err
			}
			r.say("%d organizations have another data key. What the old ones hold is sealed anew within minutes.", n)
		}
		r.say("The old master key stays in %s until `locum keys drop`. Keep it as long as there are backups from before.", master.Path())
		return nil
	})
}

// prepared gives the master key that is to be the next: one that was prepared, the
// current one where a rotation to it was cut short, or a new one.
func (r *rotateKeys) prepared(ctx context.Context, v *vault.Vault, master *secret.Master) (string, error) {
	o, err := v.Overview(ctx)
	if err != nil {
		return "", err
	}
	current, cutShort, known := "", false, map[string]bool{}
	for _, key := range o.Master {
		known[key.ID] = key.Known
		if key.Current {
			current = key.ID
		}
		cutShort = cutShort || !key.Current && key.DataKeys > 0
	}
	held := master.Keys()
	for _, id := range held[slices.Index(held, current)+1:] { // the newest are the last
		if !known[id] {
			return id, nil
		}
	}
	if cutShort && !r.Prepare {
		return current, nil
	}
	return master.Add()
}

type dropKeys struct {
	locked `embed:""`
}

// Run drops the old master keys.
func (d *dropKeys) Run(ctx context.Context) error {
	return d.with(ctx, func(v *vault.Vault, master *secret.Master) error {
		dropped, err := v.DropMaster(ctx)
		if err != nil {
			return err
		}
		if len(dropped) == 0 {
			d.say("Nothing is to be dropped: every master key is in use.")
			return nil
		}
		d.say("Dropped from %s: %v. Put the file on every replica.", master.Path(), dropped)
		return nil
	})
}
