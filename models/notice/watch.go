package notice

import (
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// MostMuteDays is how many calendar days a mute lasts at most.
const MostMuteDays = 30

// Watch is how one superuser hears of one delegation by mail; with an empty
// DelegationID, of all of the organization for which he chose nothing.
type Watch struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string `gorm:"primaryKey"`
	AccountID      string `gorm:"primaryKey"`
	DelegationID   string `gorm:"primaryKey"`
	Mode           tenancy.Notify
	MutedUntil     *models.Instant // of a mute alone
	ChangedAt      models.Instant
}

// TableName is the table of watches.
func (Watch) TableName() string { return "watches" }

// At is the mode that a choice comes to at a moment, however late a sweep runs:
// at once when its mute is over, and the digest where a delegation without an
// end is muted. No choice at all is at once.
func (w Watch) At(now time.Time, endless bool) tenancy.Notify {
	switch {
	case w.Mode == "", w.Mode == tenancy.Muted && (w.MutedUntil == nil || !now.Before(w.MutedUntil.Time)):
		return tenancy.AtOnce
	case w.Mode == tenancy.Muted && endless:
		return tenancy.Digest
	}
	return w.Mode
}

// Watcher is one superuser, with how he hears of a delegation.
type Watcher struct {
	Person account.Person
	Watch  Watch // his choice, his own default, or the organization's
	// Own says that it is his choice for this very delegation, Default that it is
	// the organization's.
	Own, Default bool
	Mode         tenancy.Notify // that holds now
}

// watches says whether he hears of it in time.
func (w Watcher) watches() bool {
	return !w.Person.Bounced && (w.Mode == tenancy.AtOnce || w.Mode == tenancy.Digest)
}

// Standing is how each superuser hears of a delegation at a moment. guarded is
// the watcher floor: at least one whom mail reaches hears of it at once or by
// the digest. Where all who chose nothing would hear of it by visit, the one of
// longest standing hears of it at once. Where still nobody does, everyone does.
func Standing(superusers []account.Person, chosen []Watch, byDefault tenancy.Notify, delegation string, endless bool, now time.Time) (list []Watcher, guarded bool) {
	for _, p := range superusers {
		w := Watcher{Person: p, Watch: Watch{AccountID: p.ID, Mode: byDefault}, Default: true}
		for _, c := range chosen {
			if c.AccountID == p.ID && (c.DelegationID == delegation || c.DelegationID == "" && !w.Own) {
				w.Watch, w.Default, w.Own = c, false, c.DelegationID != ""
			}
		}
		w.Mode = w.Watch.At(now, endless)
		list = append(list, w)
	}
	if slices.ContainsFunc(list, Watcher.watches) {
		return list, true
	}
	for i, w := range list {
		if w.Default && !w.Person.Bounced {
			list[i].Mode = tenancy.AtOnce
			return list, true
		}
	}
	for i := range list {
		list[i].Mode = tenancy.AtOnce
	}
	return list, false
}

// Hearing reads the Standing of one delegation. It runs in a System
// transaction, or confined to the organization.
func Hearing(tx *store.Tx, company, organization, delegation string, endless bool) (list []Watcher, guarded bool, err error) {
	all, err := Organization(tx, company, organization)
	if err != nil {
		return nil, false, err
	}
	list, guarded = all.Of(delegation, endless, tx.Now())
	return list, guarded, nil
}

// Hosts is who can hear of the delegations of an organization, and what they
// chose.
type Hosts struct {
	Superusers []account.Person
	Chosen     []Watch
	Default    tenancy.Notify // of the organization

	of map[string][]Watch // Chosen, by delegation
}

// Organization reads the Hosts of an organization.
func Organization(tx *store.Tx, company, organization string) (h Hosts, err error) {
	err = tx.Across("who hears of delegations", func(tx *store.Tx) error {
		var host tenancy.Organization
		if err := tx.Where("company_id = ? AND id = ?", company, organization).Take(&host).Error; err != nil {
			return err
		}
		h.Default = host.Hosting.Notify
		if h.Superusers, err = tenancy.Superusers(tx, company, organization); err != nil {
			return err
		}
		return tx.Where("company_id = ? AND organization_id = ?", company, organization).Find(&h.Chosen).Error
	})
	h.of = map[string][]Watch{}
	for _, w := range h.Chosen {
		h.of[w.DelegationID] = append(h.of[w.DelegationID], w)
	}
	return h, err
}

// Of is the Standing of one delegation of the organization.
func (h Hosts) Of(delegation string, endless bool, now time.Time) ([]Watcher, bool) {
	chosen := slices.Concat(h.of[""], h.of[delegation]) // who chose for thousands of others is passed by
	return Standing(h.Superusers, chosen, h.Default, delegation, endless, now)
}
