package delegation

import (
	"context"
	"fmt"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// Hearing is how the superusers of the host hear of one delegation, as one of
// them sees it.
type Hearing struct {
	Watchers []notice.Watcher
	Mine     *notice.Watcher // the actor's; nil where he is no superuser
	MayMute  bool            // it has an end
	// Fallback is how he hears of it without a choice of his own for it.
	Fallback tenancy.Notify
}

// Muted counts those who muted it.
func (h Hearing) Muted() (n int) {
	for _, w := range h.Watchers {
		if w.Mode == tenancy.Muted {
			n++
		}
	}
	return n
}

// Hearing reads how the actor and the other superusers hear of a delegation.
func (d *Delegations) Hearing(ctx context.Context, by models.Actor, id string) (h Hearing, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row Delegation
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		hosts, err := notice.Organization(tx, row.CompanyID, row.OrganizationID)
		if err != nil {
			return err
		}
		h.Watchers, _ = hosts.Of(row.ID, row.EndsAt == nil, tx.Now())
		h.MayMute = row.EndsAt != nil && !row.Over(tx.Now())
		h.Fallback = fallback(hosts, tx.Actor.Account)
		for i, w := range h.Watchers {
			if w.Person.ID == tx.Actor.Account {
				h.Mine = &h.Watchers[i]
			}
		}
		return nil
	})
	return h, err
}

// fallback is somebody's own default, or else the organization's.
func fallback(hosts notice.Hosts, person string) tenancy.Notify {
	for _, c := range hosts.Chosen {
		if c.AccountID == person && c.DelegationID == "" {
			return c.Mode
		}
	}
	return hosts.Default
}

// Mutes says, by delegation, how many superusers of the actor's organization
// muted it, and how many superusers there are.
func (d *Delegations) Mutes(ctx context.Context, by models.Actor) (muted map[string]int, superusers int, err error) {
	muted = map[string]int{}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		here := tx.Actor.Effective
		hosts, err := notice.Organization(tx, here.Company, here.Organization)
		if err != nil {
			return err
		}
		superusers = len(hosts.Superusers)
		open, err := openHere(tx, here.Company, here.Organization)
		for _, row := range open {
			list, _ := hosts.Of(row.ID, row.EndsAt == nil, tx.Now())
			for _, w := range list {
				if w.Mode == tenancy.Muted {
					muted[row.ID]++
				}
			}
		}
		return err
	})
	return muted, superusers, err
}

// openHere reads the delegations of an organization that are not over: proposals
// too, for one hears of them as one chose as soon as they are approved.
func openHere(tx *store.Tx, company, organization string) (list []Delegation, err error) {
	now := models.At(tx.Now())
	err = tx.Where("company_id = ? AND organization_id = ? AND revoked_at IS NULL AND declined_at IS NULL", company, organization).
		Where("(approval_due > ? OR approval_due IS NULL AND (ends_at IS NULL OR ends_at > ?))", now, now).Order("id").Find(&list).Error
	return list, err
}

// Watch is what a superuser chooses for one delegation, or for all others.
type Watch struct {
	Mode tenancy.Notify // empty: no choice of his own
	Days int            // of a mute: calendar days on his clock, 1 to notice.MostMuteDays
}

// Watch chooses how the actor hears of a delegation. A mute ends after its days,
// and never after the delegation; one without an end cannot be muted. It is
// refused when nobody else would hear of the delegation at once or by the digest.
func (d *Delegations) Watch(ctx context.Context, by models.Actor, id string, in Watch) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row Delegation
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		if row.Over(tx.Now()) {
			return models.Fail(models.Conflict, "delegation.error.over")
		}
		chosen, err := in.choice(tx, row)
		if err != nil {
			return err
		}
		before, err := choose(tx, chosen, in.Mode == "")
		if err != nil {
			return err
		}
		if err := heard(tx, row); err != nil {
			return err
		}
		about := about(row, map[string]any{"mode": in.Mode, store.Previous: map[string]any{"mode": before.Mode}})
		if chosen.MutedUntil != nil {
			about.Data["until"] = chosen.MutedUntil.Time
		}
		tx.Record(event.DelegationWatchChanged, about)
		tx.Notify("organization:"+row.OrganizationID, "account:"+tx.Actor.Account)
		return tellOfMute(tx, row, before, chosen)
	})
}

// choice checks what was chosen for a delegation.
func (in Watch) choice(tx *store.Tx, d Delegation) (w notice.Watch, err error) {
	w = notice.Watch{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, AccountID: tx.Actor.Account, DelegationID: d.ID,
		Mode: in.Mode, ChangedAt: models.At(tx.Now())}
	wrong := models.FieldErrors{}
	switch in.Mode {
	case "", tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest:
	case tenancy.Muted:
		if d.EndsAt == nil {
			wrong.Add("mode", "notice.error.endless")
			break
		}
		if in.Days < 1 || in.Days > notice.MostMuteDays {
			wrong.Add("days", "notice.error.days", "Most", notice.MostMuteDays)
			break
		}
		p, err := account.Load(tx, tx.Actor.Account)
		if err != nil {
			return w, err
		}
		until := models.At(tx.Now().In(p.Zone()).AddDate(0, 0, in.Days))
		if until.After(d.EndsAt.Time) {
			until = *d.EndsAt
		}
		w.MutedUntil = &until
	default:
		wrong.Add("mode", "error.choice")
	}
	return w, wrong.Err()
}

// choose writes a choice of the actor, or with none takes it back, and gives the
// one before. Who is no superuser gets no mails, and so has nothing to choose.
func choose(tx *store.Tx, w notice.Watch, none bool) (before notice.Watch, err error) {
	if err := tx.LockWatch(w.OrganizationID); err != nil {
		return before, err
	}
	hosts, err := notice.Organization(tx, w.CompanyID, w.OrganizationID)
	if err != nil {
		return before, err
	}
	if !slices.ContainsFunc(hosts.Superusers, func(p account.Person) bool { return p.ID == w.AccountID }) {
		return before, models.Fail(models.Conflict, "notice.error.not_superuser")
	}
	for _, c := range hosts.Chosen {
		if c.AccountID == w.AccountID && c.DelegationID == w.DelegationID {
			before = c
		}
	}
	return before, put(tx, w, none)
}

// put writes a choice in place of the one before, or none.
func put(tx *store.Tx, w notice.Watch, none bool) error {
	err := tx.Where("company_id = ? AND organization_id = ? AND account_id = ? AND delegation_id = ?", w.CompanyID, w.OrganizationID, w.AccountID, w.DelegationID).
		Delete(&notice.Watch{}).Error
	if err != nil || none {
		return err
	}
	return tx.Create(&w).Error
}

// heard refuses what would leave nobody who hears of a delegation in time.
func heard(tx *store.Tx, rows ...Delegation) error {
	for _, row := range rows {
		_, guarded, err := notice.Hearing(tx, row.CompanyID, row.OrganizationID, row.ID, row.EndsAt == nil)
		if err != nil {
			return err
		}
		if !guarded {
			return models.Fail(models.Conflict, "notice.error.floor", "Person", row.Person())
		}
	}
	return nil
}

// tellOfMute tells the other superusers that one muted a delegation, or does so
// no longer.
func tellOfMute(tx *store.Tx, d Delegation, before, now notice.Watch) error {
	was, is := before.At(tx.Now(), d.EndsAt == nil) == tenancy.Muted, now.Mode == tenancy.Muted
	if !was && !is {
		return nil
	}
	return tx.Across("who muted a delegation", func(tx *store.Tx) error {
		f, err := facts(tx, d)
		if err != nil {
			return err
		}
		at := models.At(tx.Now())
		content := mail.WatchChanged{Delegated: f, Superuser: tx.Actor.Name, Until: now.MutedUntil, At: at}
		return tell(tx, d, fmt.Sprintf("watch.changed.%s.%s.%d", d.ID, tx.Actor.Account, at.UnixMicro()), content, nil, tx.Actor.Account)
	})
}

// WatchDefault is how the actor hears of the delegations of his organization for
// which he chose nothing: his own choice, empty for none, and the organization's.
func (d *Delegations) WatchDefault(ctx context.Context, by models.Actor) (own, organization tenancy.Notify, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		here := tx.Actor.Effective
		hosts, err := notice.Organization(tx, here.Company, here.Organization)
		organization = hosts.Default
		for _, c := range hosts.Chosen {
			if c.AccountID == tx.Actor.Account && c.DelegationID == "" {
				own = c.Mode
			}
		}
		return err
	})
	return own, organization, err
}

// SetWatchDefault chooses how the actor hears of the delegations of his
// organization for which he chooses nothing. Not to hear of them at all is
// chosen for one delegation, and for a while.
func (d *Delegations) SetWatchDefault(ctx context.Context, by models.Actor, mode tenancy.Notify) error {
	if mode != "" && mode != tenancy.AtOnce && mode != tenancy.PerVisit && mode != tenancy.Digest {
		wrong := models.FieldErrors{}
		wrong.Add("mode", "error.choice")
		return wrong.Err()
	}
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		here := tx.Actor.Effective
		w := notice.Watch{CompanyID: here.Company, OrganizationID: here.Organization, AccountID: tx.Actor.Account, Mode: mode, ChangedAt: models.At(tx.Now())}
		before, err := choose(tx, w, mode == "")
		if err != nil {
			return err
		}
		open, err := openHere(tx, here.Company, here.Organization)
		if err != nil {
			return err
		}
		if err := heard(tx, open...); err != nil {
			return err
		}
		tx.Record(event.WatchDefaultChanged, store.About{ID: tx.Actor.Account, Name: tx.Actor.Name, Data: map[string]any{"mode": mode, store.Previous: map[string]any{"mode": before.Mode}}})
		tx.Notify("account:" + tx.Actor.Account)
		return nil
	})
}
