package federation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Handle names an identity in addresses: the beginning of a digest of its key.
func (i Identity) Handle() string {
	key, err := json.Marshal([]string{i.CompanyID, i.ConnectionID, i.EntityID, i.NameID, i.NameQualifier, i.SPNameQualifier})
	if err != nil {
		panic(err) // texts always have a form in JSON
	}
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:12])
}

// Linked is a name at a provider that is known to be somebody's.
type Linked struct {
	Identity
	Connection string // its name
	Sessions   int    // that are open through the connection
}

// LinkedTo lists the names at the providers of the actor's company by which a
// person is known, the one that came in last first. There are none for a
// stranger.
func (f *Federation) LinkedTo(ctx context.Context, by models.Actor, person string) (list []Linked, err error) {
	err = f.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		var known []Identity
		if err := tx.Where("account_id = ?", person).Order("last_sign_in_at DESC, created_at DESC, name_id").Find(&known).Error; err != nil {
			return err
		}
		for _, i := range known {
			one, err := linked(tx, i)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

func linked(tx *store.Tx, i Identity) (one Linked, err error) {
	var c Connection
	if err := tx.Where("id = ?", i.ConnectionID).Take(&c).Error; err != nil {
		return one, err
	}
	one = Linked{Identity: i, Connection: c.Name}
	return one, tx.Across("how many sessions end with a name at a provider", func(tx *store.Tx) error {
		one.Sessions, err = access.Through(tx, c.ID, i.AccountID)
		return err
	})
}

// Unlink parts a name at a provider of the actor's company from a person: it
// changed there, or it was never his. His sessions through that connection end.
// What the connection said of him is forgotten, and with it the roles that rest
// on it go at once: no role outlives its reason. Whoever comes by that name
// again is taken for a newcomer, whom his address leads to an account.
func (f *Federation) Unlink(ctx context.Context, by models.Actor, person, handle string) (one Linked, err error) {
	err = f.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		if err := tx.LockCompany(company, false); err != nil {
			return err
		}
		if err := tx.LockAccount(person); err != nil {
			return err
		}
		known, err := identityOf(tx, person, handle)
		if err != nil {
			return err
		}
		if one, err = linked(tx, known); err != nil {
			return err
		}
		p, err := account.Load(tx, person)
		if err != nil {
			return err
		}
		if err := known.row(tx).Delete(&Identity{}).Error; err != nil {
			return err
		}
		tx.Record(event.IdentityUnlinked, store.About{ID: person, Name: p.Name, Company: company,
			Data: map[string]any{"connection": known.ConnectionID, "connection_name": one.Connection, "name_id": known.NameID}})
		tx.Notify("account:" + person)
		return tx.Across("sessions end with the name that opened them", func(tx *store.Tx) error {
			one.Sessions, err = access.EndThrough(tx, company, known.ConnectionID, p)
			return err
		})
	})
	return one, err
}

// identityOf finds an identity of a person by its handle.
func identityOf(tx *store.Tx, person, handle string) (Identity, error) {
	var known []Identity
	if err := tx.Where("account_id = ?", person).Find(&known).Error; err != nil {
		return Identity{}, err
	}
	for _, i := range known {
		if i.Handle() == handle {
			return i, nil
		}
	}
	return Identity{}, models.Unknown()
}
