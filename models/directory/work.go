package directory

import (
	"context"
	"maps"
	"slices"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// work is one request of a client, in its transaction. The fields of Client that
// are promoted name the directory: CompanyID, ID.
type work struct {
	tx *store.Tx
	Client
	users  map[string]bool // whom the request touches
	groups map[string]bool // everyone in which it touches
}

func (w *work) touch(user string)        { w.users[user] = true }
func (w *work) touchGroups(group string) { w.groups[group] = true }
func (w *work) touchMember(id, kind string) {
	switch kind {
	case UserMember:
		w.touch(id)
	case GroupMember:
		w.touchGroups(id)
	}
}

// attempts is how often a change is tried that got into another's way.
const attempts = 4

// change runs what a client changes, and then decides about the roles of those
// whom it touched, in one transaction. What gets stuck with another change is
// tried again.
func (d *Directories) change(ctx context.Context, c Client, do func(*work) error) (err error) {
	for range attempts {
		err = d.changeOnce(ctx, c, do)
		if !store.Contended(err) || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (d *Directories) changeOnce(ctx context.Context, c Client, do func(*work) error) error {
	return d.store.System(ctx, "a request of a directory", func(tx *store.Tx) error {
		tx.NothingToRecord() // a change that changes nothing leaves nothing
		if err := tx.LockCompany(c.CompanyID, true); err != nil {
			return err
		}
		w := &work{tx: tx, Client: c, users: map[string]bool{}, groups: map[string]bool{}}
		var touched []string
		err := act(tx, w.Client, func() error {
			return tx.Within(c.CompanyID, func(tx *store.Tx) (err error) {
				if w.Directory, err = load(tx, c.ID, false); err != nil {
					return err
				}
				if w.PausedAt != nil {
					return paused()
				}
				if err := do(w); err != nil {
					return err
				}
				touched, err = w.touched()
				return err
			})
		})
		if err != nil {
			return err
		}
		return d.settle(tx, w.Client, touched)
	})
}

// act makes the directory the actor of a transaction while do runs, and after.
func act(tx *store.Tx, c Client, do func() error) error {
	party, err := tenancy.PartyOf(tx, c.CompanyID, "")
	if err != nil {
		return err
	}
	tx.Actor = models.Actor{Name: c.Name, Real: party, Effective: party, Channel: models.Directory, Address: c.Address}
	return do()
}

// touched are all whom the request touches, in the order of their ids.
func (w *work) touched() ([]string, error) {
	below, err := w.below(slices.Sorted(maps.Keys(w.groups)))
	if err != nil {
		return nil, err
	}
	for _, user := range below {
		w.touch(user)
	}
	return slices.Sorted(maps.Keys(w.users)), nil
}

// settle decides about those whom a change touches. Of very many the rest is
// marked, and follows: see Advance.
func (d *Directories) settle(tx *store.Tx, c Client, touched []string) error {
	now, later := touched, []string(nil)
	if len(touched) > d.atOnce {
		now, later = touched[:d.atOnce], touched[d.atOnce:]
	}
	for part := range slices.Chunk(later, atOnce) {
		err := tx.Model(&User{}).Where("company_id = ? AND directory_id = ? AND id IN ?", c.CompanyID, c.ID, part).Update("due", true).Error
		if err != nil {
			return err
		}
	}
	return d.evaluate(tx, c, now, true)
}

// read runs what a client reads, confined to its company.
func (d *Directories) read(ctx context.Context, c Client, do func(*work) error) error {
	return d.store.SystemRead(ctx, "a directory's client reads", func(tx *store.Tx) error {
		return tx.Within(c.CompanyID, func(tx *store.Tx) error {
			return do(&work{tx: tx, Client: c})
		})
	})
}
